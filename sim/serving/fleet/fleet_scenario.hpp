#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/serving/batching/serving_unit.hpp"
#include "sim/serving/deployment/pool_spec.hpp"
#include "sim/serving/fleet/fleet_policy.hpp"
#include "workloads/requests/request_source.hpp"

namespace moesim {

/// Operations of the model itself (models/flops.hpp): nothing recomputed, no drafts, prompts without the
/// head.
struct ModelWork {
  double prompt_token = 0;
  double prompt_pair = 0;  ///< of a new prompt token and a token before it
  double output_token = 0;
  double kv_token = 0;  ///< that an output token reads
  /// Of all GPUs of a unit, dense BF16 as in training's MFU; 0: not known, no MFU.
  double unit_peak_flops_per_s = 0;
};

/// A pool as the fleet runs it.
struct FleetPool {
  std::string name;
  PoolSpec spec;
  UnitSpec unit;  ///< `seed` and `unit` are set by the fleet
  double nodes_per_unit = 1;
  double request_overhead_s = 0;  ///< tokenising, HTTP, scheduling: added to the time to the first token
  double kv_bytes_per_token = 0;
  double nic_bytes_per_s = 0;  ///< usable by KV transfers of one GPU beside dispatch
  double nic_latency_s = 0;
  ModelWork work;
};

/// What a fleet plays.
struct FleetScenario {
  std::vector<FleetPool> pools;  ///< in order of their names
  FleetPolicy policy;
  WorkloadSpec workload;
  /// Opens the workload at a time of the run: 0, or where a window starts. Called from several threads.
  std::function<OpenedWorkload(double from_s)> open;
  std::uint64_t seed = 1;
};

}  // namespace moesim
