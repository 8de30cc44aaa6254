#pragma once

#include <cstdint>

#include "sim/network/group_collective.hpp"
#include "sim/training/cost_table.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/stage_blocks.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// What a stage item computes, as far as collectives inside it depend on it.
enum class ItemKind : std::uint8_t { dense, moe, embedding, head, mtp_projection };

/// A collective of a group of the plan with the links to itself; `bytes` as in group_collective_cost. A group
/// inside one node takes the time that the profile has of NCCL, where it has any.
CollectiveCost group_cost(const TrainingInputs& inputs, GroupKind group, GroupCollective kind, Bytes bytes);

/// Seconds of a collective that stay exposed when it runs beside `beside_s` of computation.
/// `is_async`: one that TensorOverlap::backward hides whole.
double exposed_s(const TrainingInputs& inputs, double alone_s, double beside_s, bool is_async);

/// Adds to `costs` the collectives of the tensor- and context-parallel groups around the phases of an item.
void add_split_collectives(const TrainingInputs& inputs, const RoutedLoad& load, ItemKind item,
                           CostTable& table, ItemCosts& costs);

/// Those of the context-parallel group alone: keys and values, forward before attention, backward with their
/// gradients.
void add_context_collectives(const TrainingInputs& inputs, const RoutedLoad& load, ItemKind item,
                             CostTable& table, ItemCosts& costs);

/// Adds to the transfers of an MoE layer the collectives of the expert-tensor-parallel group.
void add_expert_collectives(const TrainingInputs& inputs, const RoutedLoad& load, CostTable& table,
                            TransferCosts& costs);

}  // namespace moesim
