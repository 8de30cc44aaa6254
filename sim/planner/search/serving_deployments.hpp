#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "calib/profile/constant.hpp"
#include "sim/planner/search/serving_bound.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {

/// What points of a space that differ in units, batches and scaling alone have in common.
struct ServingDeployment {
  std::unique_ptr<ServingInputs> inputs;         ///< loaded where nothing forbids it; one unit a pool
  std::vector<PlanError::Violation> violations;  ///< empty: it can be run
  ServingDemand demand;                          ///< of its workload, where nothing forbids it
  bool memory_alone = false;                     ///< nothing but memory forbids it
};

/// Loads deployments, each once, and the load of the experts of each layout once. Thread-safe.
class ServingDeployments {
 public:
  ServingDeployments(std::string file, SourceSet excluded);
  ~ServingDeployments();

  /// The deployment of a scenario that its schema accepts; lives as long as this. Throws SpecError for names
  /// that are none.
  const ServingDeployment& of(const ServingScenario& scenario);

  /// Inputs of a run: the deployment with the units, batches, scaling and objectives of `scenario`. The
  /// deployment outlives them.
  static std::unique_ptr<ServingInputs> inputs_of(const ServingDeployment& deployment,
                                                  const ServingScenario& scenario);

 private:
  struct Slot;
  struct Experts;
  void load(const ServingScenario& scenario, ServingDeployment& out);
  void load_pool(ServingInputs& inputs, PoolInputs& pool);

  std::string file_;
  SourceSet excluded_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Slot>> slots_;
  std::map<std::string, std::unique_ptr<Experts>> experts_;
};

}  // namespace moesim
