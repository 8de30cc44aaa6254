#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/results/record_sink.hpp"
#include "sim/serving/batching/unit_totals.hpp"
#include "sim/serving/fleet/fleet_scenario.hpp"
#include "sim/serving/fleet/request_record.hpp"

namespace moesim {

/// What happened to a pool.
struct PoolResult {
  std::string name;
  PoolRole role = PoolRole::colocated;
  UnitTotals totals;  ///< of the measured time
  double measured_s = 0;
  double allotted_unit_s = 0;  ///< units over measured time, starting and draining ones included
  double nodes_mean = 0;
  double nodes_peak = 0;
  double utilisation = 0;  ///< busy share of allotted unit time
  // Prefill and colocated pools with scaling by target: nodes on average over the day.
  double nodes_floor = 0;     ///< computed work over capacity, no rounding, no headroom
  double nodes_for_ttft = 0;  ///< the fewest that hold the TTFT target alone
};

struct FleetResult {
  std::vector<PoolResult> pools;
  std::int64_t arrived = 0;
  std::int64_t completed = 0;
  std::int64_t rejected = 0;
  std::int64_t retried = 0;
  std::int64_t in_flight = 0;  ///< at the end; arrived = completed + rejected + in_flight
  double measured_s = 0;
  std::vector<std::string> warnings;
};

struct FleetOptions {
  int threads = 1;                                ///< the result does not depend on it
  std::function<void(double fraction)> progress;  ///< may be empty
  /// Asked now and then outside of windows, may be empty. A run that it ends has an empty result.
  std::function<bool()> stop;
};

/// Plays the workload. Records go to `requests`, curves over time and spans to `sink`.
FleetResult run_fleet(const FleetScenario& scenario, const FleetOptions& options, RequestSink& requests,
                      RecordSink& sink);

}  // namespace moesim
