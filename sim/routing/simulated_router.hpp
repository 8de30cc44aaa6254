#pragma once

#include <cstdint>
#include <memory>

#include "sim/routing/gate.hpp"
#include "sim/routing/mean_loads.hpp"
#include "sim/routing/micro_batch_loads.hpp"
#include "sim/routing/router.hpp"
#include "workloads/affinity/affinity_spec.hpp"

namespace moesim {

/// What a simulated router routes. Documents are one after the other in a micro-batch.
struct SimulatedRouting {
  GateSpec gate;
  AffinitySpec affinity;
  Balancing balancing = Balancing::settled;
  int num_layers = 4;                   ///< simulated; a model's MoE layers take their loads in turn
  int num_micro_batches = 128;          ///< sampled
  std::int64_t tokens_per_rank = 4096;  ///< that a rank of the expert group brings to a micro-batch
  std::uint64_t seed = 1;
};

MicroBatch micro_batch_of(const SimulatedRouting& routing, const RoutingGroup& group);
/// Throws as MeanLoadsMaker.
MeanLoadsMaker mean_loads_maker(const SimulatedRouting& routing, const RoutingGroup& group);

/// Loads by mean matrices and sampled noise: 15 ms a layer of DeepSeek-V3. Throws as MeanLoadsMaker.
std::unique_ptr<Router> make_simulated_router(const SimulatedRouting& routing);

/// The slow twin: routes every token of every sampled micro-batch through the gate. Bias or offsets are those
/// of the fast one, settled further on tokens of their own, 65,536 in each of four steps. About a million
/// tokens a second.
std::unique_ptr<Router> make_direct_router(const SimulatedRouting& routing);

}  // namespace moesim
