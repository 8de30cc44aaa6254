#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/search/serving_bound.hpp"
#include "sim/planner/search/serving_deployments.hpp"
#include "sim/planner/search/serving_figures.hpp"
#include "sim/planner/search/serving_limit.hpp"
#include "sim/planner/search/serving_search.hpp"
#include "sim/planner/search/serving_space.hpp"

namespace moesim {

enum class CandidateState : std::uint8_t { invalid, memory, waiting, bound, evaluated };

/// A point of the space with what became of it.
struct ServingCandidate {
  ServingPoint point;
  CandidateState state = CandidateState::waiting;
  std::string pointer;  ///< of what forbids it
  std::string reason;
  int gpus = 0;        ///< of all pools; 0 where that is not known
  ServingRates bound;  ///< of points that hold all limits
  ServingRates reach;  ///< of points that hold those that are not about the speed of a user
  ServingFigures figures;
  bool good = false;      ///< steady, and holds all limits
  bool in_front = false;  ///< steady, and holds all but those about the speed of a user
};

/// Makes, bounds and runs the candidates of a space. Thread-safe but for classify().
class ServingCandidates {
 public:
  ServingCandidates(const Json& scenario, const std::string& file, const ServingSearch& search);

  /// All points in their order: forbidden, too large for memory, or bounded and waiting. A point that comes
  /// to the deployment of another is invalid.
  std::vector<ServingCandidate> classify();
  /// Runs the candidate.
  void evaluate(ServingCandidate& candidate) const;
  /// The scenario's own deployment, run; its state is as classify() gives.
  ServingCandidate own();

  [[nodiscard]] const ServingSpace& space() const { return space_; }
  /// Inputs of a candidate that is not forbidden.
  [[nodiscard]] std::unique_ptr<ServingInputs> inputs_of(const ServingCandidate& candidate) const;
  /// Share of what its prefill pools can do that the candidate's output needs; 0 without such pools.
  [[nodiscard]] double prompt_use(const ServingCandidate& candidate) const;

 private:
  [[nodiscard]] ServingScenario read(const ServingCandidate& candidate) const;
  void prepare(ServingCandidate& candidate) const;
  void judge(ServingCandidate& candidate) const;

  std::string file_;
  const ServingSearch& search_;
  std::vector<ServingLimit> shared_limits_;  ///< without those about the speed of a user
  ServingSpace space_;
  mutable ServingDeployments deployments_;
};

}  // namespace moesim
