#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/results/record_sink.hpp"
#include "sim/routing_run/routing_account.hpp"
#include "sim/routing_run/routing_inputs.hpp"

namespace moesim {

/// How a run is done, besides what its scenario says.
struct RoutingRunOptions {
  int threads = 1;                                ///< the result does not depend on it
  std::function<void(double fraction)> progress;  ///< in [0, 1]; may be empty
};

struct RoutingResult {
  RoutingAccount account;             ///< of the measured steps; refers to the inputs
  std::vector<std::string> warnings;  ///< of the run, besides those of the inputs
  std::uint64_t num_tokens = 0;  ///< routed, over layers and steps; of recorded counts: choices over top_k
};

/// Plays every step of every layer. Load rows and curves go to `sink` as they come: "expert_load" (choices
/// kept by each expert), "gpu_load", "node_load" and, with redundant experts, "slot_load" (tokens, rounded)
/// every record.every steps, with "slot_load_after_eplb" and "gpu_load_after_eplb" of the what-if once it has
/// a plan; "gpu_traffic" (copies, [source GPU, destination GPU]) every
/// record.traffic_every steps. Memory does not depend on the number of steps. The same bits on any number of
/// threads. Throws SpecError for a drift that exceeds the spread of what drifts.
RoutingResult run_routing(const RoutingInputs& inputs, const RoutingRunOptions& options, RecordSink& sink);

}  // namespace moesim
