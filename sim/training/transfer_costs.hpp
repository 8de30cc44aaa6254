#pragma once

#include <optional>

#include "sim/network/collective_cost.hpp"
#include "sim/training/cost_table.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/stage_blocks.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// What a transfer of an MoE layer carries: a dispatch its rows in the stack's dispatch format, a combine in
/// its combine format. The backward of a combine is a dispatch and the other way round.
enum class TransferKind : std::uint8_t { dispatch, combine };

/// Bytes of one token's copy, scales included: FP8 hidden x (1 + 4/128), BF16 2 hidden.
Bytes bytes_per_copy(const TrainingInputs& inputs, TransferKind kind);

/// The ports of the calibrated GPU, on which its transfers were timed.
PortSpeeds calibrated_ports(const CalibrationProfile& profile);
/// The ports of the cluster's GPUs.
PortSpeeds cluster_ports(const ClusterSpec& cluster);

/// A transfer of one micro-batch with the links to itself: bytes such that the calibrated ports are busy for
/// the measured time of a balanced load, NIC bytes times the busiest NIC's. NVLink bytes are of the mean
/// rank. Without published times, and of the flat all-to-all of NCCL, bytes are counted.
CollectiveCost transfer_cost(const TrainingInputs& inputs, const RoutedLoad& load, TransferKind kind);

/// A collective inside one node as NCCL was timed on the calibrated GPU: its start is the time of the
/// smallest, the rest keeps NVLink busy. Nothing where the profile has no such times.
std::optional<CollectiveCost> timed_by_nccl(const TrainingInputs& inputs, TimedOperator op, int num_gpus,
                                            Bytes bytes);

/// The four transfers of an MoE layer of `work`. `paired`: beside computation, which adds the stack's
/// transfer_overlap_addition for each byte of the GPU's rows in BF16, whatever their format, where NICs are
/// used.
TransferCosts price_transfers(const TrainingInputs& inputs, const RoutedLoad& load, const LayerWork& work,
                              bool paired, CostTable& table);

}  // namespace moesim
