#pragma once

#include <span>
#include <vector>

#include "base/quantity.hpp"
#include "models/model_spec.hpp"
#include "models/number_format.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/routing/placement.hpp"

namespace moesim {

/// The weights of one expert that a slot takes in.
struct ExpertMove {
  int slot = 0;
  int expert = 0;
  int source_gpu = 0;  ///< that held the expert before
  friend bool operator==(const ExpertMove&, const ExpertMove&) = default;
};

/// `wanted` with the slots inside each GPU in another order, which no load of a GPU depends on: a slot whose
/// expert the GPU goes on holding keeps it. Throws std::invalid_argument for placements of different sizes.
ExpertPlacement keeping_slots(const ExpertPlacement& old, const ExpertPlacement& wanted);

/// What has to be moved from one placement to the next: slots whose expert changes, in order. The source is
/// the nearest GPU that held the expert: the slot's own, then one of its node, then any other; among equals
/// the one that has sent the fewest so far, then the lowest. Throws as keeping_slots.
std::vector<ExpertMove> expert_moves(const ExpertPlacement& old, const ExpertPlacement& next);

/// Bytes of the routed expert's three matrices, 3 x hidden x expert_intermediate, with their block scales:
/// FP8 in blocks of 128 x 128 (4 bytes each), MXFP8 in blocks of 32 (1 byte). DeepSeek-V3: 44.05 MB in FP8.
Bytes expert_bytes(const ModelSpec& model, NumberFormat format);

/// Experts sent through the ports of each GPU, [num_gpus]. Moves inside a GPU use none. Moves of several
/// layers that go at once add up.
struct MoveTraffic {
  explicit MoveTraffic(int num_gpus);
  /// Throws std::invalid_argument for a placement with another number of GPUs.
  void add(const ExpertPlacement& placement, std::span<const ExpertMove> moves);
  [[nodiscard]] int nvlink_total() const;
  [[nodiscard]] int nic_total() const;

  std::vector<int> nvlink_out, nvlink_in, nic_out, nic_in;
};

/// Time of the moves where all go at once: the busiest port, moves x bytes / usable bandwidth, NVLink beside
/// NICs, plus one latency of what is used. 0 without moves between GPUs. Copies inside a GPU, the pause
/// around the change and the load on the switches are not counted. Every transfer between nodes goes straight
/// from the source's NIC to the destination's, also where several GPUs of a node take the same expert.
Seconds move_time(const MoveTraffic& traffic, Bytes bytes_per_expert, const ClusterSpec& cluster);

}  // namespace moesim
