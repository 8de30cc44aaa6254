#pragma once

#include <cmath>
#include <string>

#include "sim/serving/step/unit_costs.hpp"

namespace moesim::test {

/// A unit of a catalog model on a shipped profile and stack, inside one node.
struct Unit {
  ModelSpec model;
  CalibrationProfile profile;
  Stack stack;
  ClusterSpec cluster;
  PoolSpec pool;

  explicit Unit(const std::string& model_name, const UnitLayout& layout = {8, 8, 1, 0},
                const std::string& profile_name = "h200-sxm", const std::string& stack_name = "sglang")
      : model(load_model(model_name)), profile(load_profile(profile_name)), stack(load_stack(stack_name)) {
    cluster.gpus_per_node = 8;
    cluster.nvlink.bandwidth = BytesPerSecond(450e9);
    pool.layout = layout;
  }

  [[nodiscard]] UnitCostInput input() const { return {&model, &cluster, &profile, &stack, &pool}; }
  [[nodiscard]] std::shared_ptr<const StepCosts> costs() const { return make_step_costs(input()); }

  /// `sequences` decode with `kv` cached tokens each, evenly over the attention ranks.
  [[nodiscard]] StepBatch decode(double sequences, double kv) const {
    const double ranks = pool.layout.attention_ranks();
    StepBatch batch;
    batch.query_tokens = 1 + pool.speculation.drafts;
    batch.sequences = sequences;
    batch.sequences_max = sequences / ranks;
    batch.kv_tokens = sequences * kv;
    batch.kv_tokens_max = batch.kv_tokens / ranks;
    return batch;
  }

  /// `prompts` chunks of `length` new tokens behind `past` cached ones, evenly over the ranks.
  [[nodiscard]] StepBatch prompts(double count, double length, double past = 0) const {
    const double ranks = pool.layout.attention_ranks();
    StepBatch batch;
    batch.prompts = batch.finished_prompts = count;
    batch.prompt_tokens = count * length;
    batch.prompt_tokens_max = batch.prompt_tokens / ranks;
    batch.past_tokens = count * past;
    batch.prompt_pairs = count * (length * past + length * length / 2);
    batch.prompt_pairs_max = batch.prompt_pairs / ranks;
    return batch;
  }

  /// Routing at random among all experts.
  [[nodiscard]] ExpertState uniform(const StepBatch& batch) const {
    ExpertState state;
    if (model.num_experts == 0) return state;
    const double share = static_cast<double>(model.top_k) / model.num_experts;
    state.slots_touched = model.num_experts * (1 - std::pow(1 - share, batch.tokens())) / pool.layout.ep;
    state.slot_max_over_mean = 1.5;
    return state;
  }

  /// The untabulated time of a batch under uniform routing.
  [[nodiscard]] StepTime time(const StepBatch& batch) const { return costs()->exact(batch, uniform(batch)); }
};

}  // namespace moesim::test
