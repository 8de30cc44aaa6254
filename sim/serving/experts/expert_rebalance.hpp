#pragma once

#include <cstdint>
#include <memory>

#include "base/quantity.hpp"
#include "models/model_spec.hpp"
#include "models/number_format.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/routing/expert_moves.hpp"
#include "sim/serving/deployment/unit_layout.hpp"
#include "sim/serving/experts/expert_load_spec.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {

/// What is moved from one plan to the next, whatever the speed of the links.
struct RebalanceMoves {
  MoveTraffic traffic;
  Bytes bytes_per_expert;  ///< that one GPU moves of it
};

/// What a unit pays for following the popularity of experts.
struct RebalanceCost {
  double every_s = 0;                           ///< 0: experts stay where they are
  double pause_s = 0;                           ///< the unit stands still while weights move
  double moved_slots = 0;                       ///< of all MoE layers, that take in another expert
  double moved_bytes = 0;                       ///< between GPUs
  std::shared_ptr<const RebalanceMoves> moves;  ///< null where experts stay
};

/// Of one EPLB plan and the next, each from a window of loads that have drifted in between, over all MoE
/// layers: slots keep what they can, the others take their expert from the nearest GPU that held it, all at
/// once, over NVLink inside a node and the NICs between nodes (move_time). Weights are in `precision`.
/// Nothing for balanced experts, EPLB switched off, no drift, or one expert group. Making the plan costs no
/// time, and requests wait meanwhile: engines that move weights behind iterations pay less.
RebalanceCost rebalance_of(const ModelSpec& model, const UnitLayout& layout, const ExpertLoadSpec& spec,
                           const ClusterSpec& cluster, NumberFormat precision, std::uint64_t seed,
                           BatchMode mode = BatchMode::decode);

/// The same moves over the links of another cluster with as many GPUs per node.
RebalanceCost over_links(const RebalanceCost& cost, const ClusterSpec& cluster);

/// Seconds of drift between the means of two windows whose ends lie `every` apart, for a random walk.
double drift_between_plans(double window, double every);

}  // namespace moesim
