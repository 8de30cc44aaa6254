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

/// AdamW streams the states of the shard and waits for the gradient norm; FP8 copies are made of all weights.
std::uint32_t price_optimizer(const TrainingInputs& inputs, int pipeline_rank, CostTable& table);

}  // namespace moesim
