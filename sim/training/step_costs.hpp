#pragma once

#include <cstdint>

#include "sim/training/cost_table.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Costs of a pipeline transfer, as an index into `table`: the hidden states of one micro-batch in BF16 from
/// a stage to the next one, over the NIC unless both stages share every node.
std::uint32_t price_send(const TrainingInputs& inputs, Phase phase, CostTable& table);

/// Parameters that one GPU holds of the stages of a pipeline rank.
struct RankParameters {
  double experts = 0;
  double others = 0;
  double expert_shard = 0;  ///< the part whose optimizer states are on this GPU
  double other_shard = 0;
};
RankParameters rank_parameters(const TrainingInputs& inputs, int pipeline_rank);

/// What ends a step on a pipeline rank.
struct StepEndCosts {
  std::uint32_t reduce_scatter = 0;
  std::uint32_t optimizer = 0;
  std::uint32_t all_gather = 0;
};

/// Gradients are reduce-scattered over all replicas, with the second copy that DualPipe keeps, and updated
/// BF16 weights all-gathered, without ZeRO the gradients: routed experts and the rest side by side, each
/// bound by NIC or NVLink.
/// AdamW streams the states of the shard and waits for the gradient norm; FP8 copies are made of all weights.
StepEndCosts price_step_end(const TrainingInputs& inputs, int pipeline_rank, CostTable& table);

}  // namespace moesim
