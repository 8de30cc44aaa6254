#include "sim/serving/step/wide_step.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace moesim {

/// One rank's kernels of one layer, of a micro-batch or of the whole batch.
struct WideStep::Part {
  TokenCosts tokens;
  Cost core;

  [[nodiscard]] double attention() const {
    return tokens.attention_in.seconds + core.seconds + tokens.attention_out.seconds;
  }
};

/// MoE layers at the mean load, with the fullest attention rank, and with the fullest expert group too.
struct WideStep::Layers {
  MoeLayerTime mean, fullest_rank, fullest;
  Cost work;  ///< of a mean GPU in one layer
};

WideStepPolicy wide_step_policy(const UnitCostInput& input, const WideUnit& unit) {
  const Stack& stack = *input.stack;
  const SourceSet& excluded = input.profile->excluded();
  const ServingPolicy& serving = *stack.serving;
  const bool wanted = input.pool->two_micro_batches.value_or(true);
  const auto constant = [&](std::string_view name, double otherwise) {
    return stack.value_or(name, excluded, otherwise);
  };
  WideStepPolicy out;
  out.overlap_prompts = wanted && serving.prefill.overlap != BatchOverlap::none;
  out.overlap_decode = wanted && serving.decode.overlap != BatchOverlap::none;
  const double sms = input.profile->gpu().num_sms;
  const double share = (sms - serving.prefill.num_sms) / sms;
  out.beside = {share * constant("serving_overlap_rate", 1), share};
  out.waiting = constant("decode_waiting", 1);
  out.spread = input.cluster->gpu_speed_sigma * expected_max_of_normals(unit.gpus);
  out.step_framework = constant("step_framework", 0);
  out.per_sequence = constant("step_per_sequence", 0);
  out.prefill_framework = constant("prefill_framework", 0);
  const double launch = constant("launch", 0);
  out.prompt_launch = serving.prefill.graph ? 0 : launch;
  out.decode_launch = serving.decode.graph ? 0 : launch;
  return out;
}

bool WideStep::overlaps(const StepBatch& batch) const {
  const bool prompt = batch.prompt_tokens > 0;
  if (!(prompt ? policy_.overlap_prompts : policy_.overlap_decode)) return false;
  // A prompt may be cut in two, a sequence may not.
  return prompt || batch.sequences >= 2 * unit_.ranks;
}

WideStep::Part WideStep::part(const RankLoad& load, const WideTimes& times, bool prompt) const {
  Part out;
  out.tokens = times.of_tokens(load.tokens(), prompt);
  if (load.sequences > 0)
    out.core += times.decode_core(load.sequences, load.kv_tokens / load.sequences, load.query_tokens);
  if (load.prompt_tokens > 0) {
    const double length = load.prompt_tokens / load.prompts, past = load.past_tokens / load.prompts;
    const double pairs = load.prompt_tokens * (past + length / 2);
    const double share = load.prompt_pairs > 0 ? load.prompt_pairs / pairs : 1;
    out.core += times.prompt_core(load.prompts, length, past) * share;
  }
  return out;
}

MoeLayerTime WideStep::layer(const MicroBatchTimes& one, bool prompt, bool overlapped) const {
  if (!overlapped) return serial_layer(one, policy_.waiting);
  return prompt ? two_batch_layer(one, policy_.beside) : five_stage_layer(one);
}

Cost WideStep::expert_cost(double tokens, const ExpertState& state, double share, bool balanced,
                           const WideTimes& times, bool prompt) const {
  const double ratio = balanced ? 1 : state.gpu_max_over_mean;
  const double touched = state.slots_touched > 0 ? state.slots_touched : unit_.slots;
  ExpertWork work;
  work.rows = tokens * unit_.top_k / unit_.gpus * ratio;
  work.touched = touched_at(touched, unit_.slots, share);
  work.max_over_mean = balanced ? 1 : state.slot_max_over_mean;
  if (prompt) work.tokens = tokens / unit_.gpus * unit_.gpus_per_token * ratio;
  return times.experts(work, prompt);
}

WideStep::Layers WideStep::moe_layers(const RankLoads& loads, const ExpertState& state, double tokens,
                                      const WideTimes& times, bool prompt, bool overlapped) const {
  const double share = overlapped ? 0.5 : 1.0;
  const auto of = [&](const RankLoad& load) {
    return part(overlapped ? half_of(load) : load, times, prompt);
  };
  const Part mean = of(loads.mean), full = of(loads.fullest);
  const Cost balanced = expert_cost(tokens * share, state, share, true, times, prompt);
  const Cost skewed = expert_cost(tokens * share, state, share, false, times, prompt);
  const double per_rank = loads.mean.tokens() * share;
  const double slow = 1 + policy_.spread;
  const auto one = [&](const Part& rank, const Cost& experts, const ExpertState& seen, double rank_slow,
                       double expert_slow) {
    MicroBatchTimes out;
    out.attention_in = rank.tokens.attention_in.seconds * rank_slow;
    out.attention_core = (rank.core.seconds + rank.tokens.attention_out.seconds) * rank_slow;
    out.gate = rank.tokens.gate.seconds * rank_slow;
    out.shared = rank.tokens.shared.seconds * rank_slow;
    out.experts = experts.seconds * expert_slow;
    const TransferCost dispatch =
        times.transfer({false, per_rank, seen.gpu_max_over_mean, seen.node_max_over_mean}, prompt);
    const TransferCost combine =
        times.transfer({true, per_rank, seen.gpu_max_over_mean, seen.node_max_over_mean}, prompt);
    out.dispatch = dispatch.seconds;
    out.combine = combine.seconds;
    out.dispatch_kernels = dispatch.kernels;
    out.combine_kernels = combine.kernels;
    return out;
  };
  const ExpertState even;
  Layers out;
  out.mean = layer(one(mean, balanced, even, 1, 1), prompt, overlapped);
  out.fullest_rank = layer(one(full, balanced, even, slow, 1), prompt, overlapped);
  out.fullest = layer(one(full, skewed, state, slow, slow), prompt, overlapped);
  const Cost& linear = mean.tokens.attention_in;
  out.work =
      (linear + mean.core + mean.tokens.attention_out + mean.tokens.gate + mean.tokens.shared + balanced) *
      (1 / share);
  return out;
}

namespace {

/// Adds `count` layers.
void add_layers(StepTime& out, const MoeLayerTime& mean, const MoeLayerTime& rank, const MoeLayerTime& full,
                double count) {
  out.attention += count * mean.attention;
  out.dense += count * mean.dense;
  out.experts += count * mean.experts;
  out.communication += count * mean.communication;
  out.attention_imbalance += count * (rank.total() - mean.total());
  out.expert_imbalance += count * (full.total() - rank.total());
}

}  // namespace

void WideStep::add_drafts(StepTime& out, const RankLoads& loads, const ExpertState& state,
                          const WideTimes& times, bool overlapped) const {
  const int drafts = loads.mean.query_tokens - 1;
  if (drafts <= 0 || loads.mean.sequences <= 0) return;
  RankLoads single = loads;
  single.mean.query_tokens = single.fullest.query_tokens = 1;
  single.mean.prompts = single.mean.prompt_tokens = single.fullest.prompts = single.fullest.prompt_tokens = 0;
  const double tokens = loads.mean.sequences * unit_.ranks;
  const Layers layers = moe_layers(single, state, tokens, times, false, overlapped);
  const Cost around = times.draft_projection(loads.fullest.sequences) + times.head(loads.fullest.sequences);
  out.drafts += drafts * (layers.fullest.total() + around.seconds);
  out.sm_busy += drafts * (layers.work.sm_busy + around.sm_busy);
  out.hbm_bytes += drafts * (layers.work.hbm_bytes + around.hbm_bytes);
}

void WideStep::add_framework(StepTime& out, const StepBatch& batch, double launches) const {
  const bool prompt = batch.prompt_tokens > 0;
  const double sequences = std::max(batch.sequences_max, batch.sequences / unit_.ranks);
  const double issued = launches * (prompt ? policy_.prompt_launch : policy_.decode_launch);
  out.framework += (prompt ? policy_.prefill_framework : policy_.step_framework) +
                   policy_.per_sequence * sequences + std::max(0.0, issued - out.total());
}

StepTime WideStep::time(const StepBatch& batch, const ExpertState& experts, const WideTimes& times) const {
  StepTime out;
  if (batch.tokens() <= 0) return out;
  const bool prompt = batch.prompt_tokens > 0;
  const bool overlapped = overlaps(batch);
  const RankLoads loads = rank_loads(batch, unit_.ranks);
  const Layers moe = moe_layers(loads, experts, batch.tokens(), times, prompt, overlapped);
  add_layers(out, moe.mean, moe.fullest_rank, moe.fullest, unit_.moe_layers);
  // Dense layers run the whole batch at once.
  const Part mean = part(loads.mean, times, prompt), full = part(loads.fullest, times, prompt);
  const double layers = unit_.dense_layers, slow = 1 + policy_.spread;
  out.attention += layers * mean.attention();
  out.dense += layers * mean.tokens.dense.seconds;
  out.attention_imbalance += layers * ((full.attention() + full.tokens.dense.seconds) * slow -
                                       mean.attention() - mean.tokens.dense.seconds);
  const Cost head =
      times.head(loads.fullest.sequences * batch.query_tokens + batch.finished_prompts / unit_.ranks);
  out.dense += head.seconds;
  const Cost work =
      moe.work * unit_.moe_layers +
      (mean.tokens.attention_in + mean.core + mean.tokens.attention_out + mean.tokens.dense) * layers + head;
  out.sm_busy = work.sm_busy;
  out.hbm_bytes = work.hbm_bytes;
  if (!prompt) add_drafts(out, loads, experts, times, overlapped);
  add_framework(out, batch, work.launches);
  return out;
}

}  // namespace moesim
