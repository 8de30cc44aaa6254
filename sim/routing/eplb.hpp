#pragma once

#include <span>
#include <vector>

#include "sim/routing/placement.hpp"

namespace moesim {

/// What the Expert Parallelism Load Balancer (deepseek-ai/EPLB) is asked for.
struct EplbSpec {
  int num_slots = 1;   ///< physical experts, a multiple of num_gpus
  int num_groups = 1;  ///< groups of the group-limited gate
  int num_nodes = 1;
  int num_gpus = 1;  ///< a multiple of num_nodes
};

/// Whether groups stay whole on a node: num_groups is a multiple of num_nodes. Else all experts are balanced
/// over all GPUs as if they were one group on one node.
[[nodiscard]] constexpr bool is_hierarchical(const EplbSpec& spec) {
  return spec.num_groups % spec.num_nodes == 0;
}

/// The placement that deepseek-ai/EPLB yields for the loads of the experts, [num_experts], rounded to FP32:
/// (1) groups are packed onto nodes by their sums, (2) a node's further slots go one by one to the expert
/// with the largest weight / replicas, (3) a node's slots are packed onto its GPUs by weight / replicas.
/// Packing takes the heaviest first, each to the lightest pack with room; every tie goes to the lower index.
///
/// Two things the published code leaves to torch. Its sort does not say where equal weights go; here, as with
/// a stable sort, the lower index goes first, and the load of every GPU is the same. It sums a group in an
/// order that depends on the processor, here in the order of experts; whole loads below 2^24 a group have
/// exact sums. Loads of 0 are loads like any other. Cost: 40 us for 256 experts in 288 slots on one core.
///
/// Throws std::invalid_argument for what check_size refuses, GPUs that num_nodes does not divide, in the
/// hierarchical case experts that num_groups does not divide, and weights that are negative or not finite in
/// FP32.
ExpertPlacement eplb_placement(std::span<const double> weight, const EplbSpec& spec);

}  // namespace moesim
