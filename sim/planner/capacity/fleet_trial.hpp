#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/capacity/slo_records.hpp"
#include "sim/planner/capacity/unit_search.hpp"
#include "sim/serving/serving_run.hpp"
#include "workloads/requests/request_source.hpp"

namespace moesim {

/// A fleet that was played.
struct FleetTrial {
  std::vector<TargetOutcome> targets;  ///< [slo]
  FleetResult fleet;                   ///< without pools where the units have no room for a KV cache
  bool holds = false;                  ///< every target
};

/// The requests of a trace, read once. Generated ones are generated anew for each run.
class CapacityRequests {
 public:
  /// Throws SpecError for a faulty trace.
  explicit CapacityRequests(const ServingInputs& inputs);
  /// The requests in 1 / `load` of their time. Outlived by this.
  [[nodiscard]] OpenedWorkload open(const ServingInputs& inputs, const WorkloadSpec& workload, double load,
                                    double from_s) const;
  /// The most that a run has: those of the trace. Of generated ones nothing is known.
  [[nodiscard]] std::optional<std::int64_t> num_requests() const;

 private:
  std::shared_ptr<const std::vector<Request>> trace_;
  std::vector<std::string> warnings_;
  bool has_blocks_ = false;
};

/// The workload at `load` times its intensity: the rate of arrivals, the requests in flight of a closed loop
/// (and how many it sends), a trace in 1 / load of its time.
WorkloadSpec scaled_workload(const WorkloadSpec& workload, double load);

/// Plays the scenario with `units` of each pool all the time, whatever scaling it asks for. All but `threads`
/// decides the result. Throws RunError.
FleetTrial play_fleet(const ServingInputs& inputs, const CapacityRequests& requests,
                      const std::vector<SloTarget>& slo, const Units& units, double load, int threads);

/// Whether the units hold the SLO at the stated load, on one thread: play_fleet().holds, which is known as
/// soon as too many requests of a trace missed a target.
bool fleet_holds(const ServingInputs& inputs, const CapacityRequests& requests,
                 const std::vector<SloTarget>& slo, const Units& units);

}  // namespace moesim
