#pragma once

#include "sim/serving/step/layer_times.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// What the attention ranks of a unit work on: the mean one and the fullest.
struct RankLoads {
  RankLoad mean;
  RankLoad fullest;
};

RankLoads rank_loads(const StepBatch& batch, int num_ranks);

/// Half of a rank's work, in sequences, tokens and pairs alike: prompts may be cut in two, the second part
/// behind the first (DeepSeek's prefill balances attention between micro-batches that way).
RankLoad half_of(const RankLoad& load);

/// Of slots with `rows` rows in all at random, `touched` of `slots` have one; how many at a part of the rows.
double touched_at(double touched, double slots, double part);

}  // namespace moesim
