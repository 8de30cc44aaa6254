#include "sim/serving/step/wide_step.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

/// What an iteration runs on.
struct WideStep::Run {
  const WideTimes& times;
  const ExpertState& state;
  double tokens = 0;  ///< of the unit
  bool prompt = false;
  bool overlapped = false;
  [[nodiscard]] double share() const { return overlapped ? 0.5 : 1.0; }  ///< of a micro-batch
};

/// One rank's kernels of one layer, of a micro-batch or of the whole batch.
struct WideStep::Rank {
  TokenTimes tokens;
  KernelCost core;

  [[nodiscard]] double attention() const { return tokens.attention_in + core.seconds + tokens.attention_out; }
  /// On a slower GPU.
  [[nodiscard]] Rank slowed(double factor) const {
    Rank out = *this;
    out.tokens.attention_in *= factor;
    out.tokens.attention_out *= factor;
    out.tokens.gate *= factor;
    out.tokens.shared *= factor;
    out.core.seconds *= factor;
    return out;
  }
};

/// MoE layers at the mean load, with the fullest attention rank, and with the fullest expert group too.
struct WideStep::Layers {
  MoeLayerTime mean, fullest_rank, fullest;
  double attention_ratio = 1;  ///< of the fullest rank over the mean one
  KernelCost work;             ///< of a mean GPU in one layer, without seconds
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
  out.waiting = constant("wide_waiting", 1);
  const double sigma = input.cluster->gpu_speed_sigma, jitter = input.cluster->operator_jitter;
  out.spread = std::sqrt(sigma * sigma + jitter * jitter) * expected_max_of_normals(unit.gpus);
  out.step_framework = constant("step_framework", 0);
  out.per_sequence = constant("step_per_sequence", 0);
  out.prefill_framework = constant("prefill_framework", 0);
  out.drafts = input.pool->speculation.drafts;
  out.draft_framework = constant("draft_framework", 0);
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

WideStep::Rank WideStep::rank(const RankLoad& load, const Run& run) {
  Rank out;
  out.tokens = run.times.of_tokens(load.tokens(), run.prompt);
  if (load.sequences > 0)
    out.core += run.times.decode_core(load.sequences, load.kv_tokens / load.sequences, load.query_tokens);
  if (load.prompt_tokens > 0) {
    const double length = load.prompt_tokens / load.prompts, past = load.past_tokens / load.prompts;
    const double pairs = load.prompt_tokens * (past + length / 2);
    const double share = load.prompt_pairs > 0 ? load.prompt_pairs / pairs : 1;
    out.core += run.times.prompt_core(load.prompts, length, past) * share;
  }
  return out;
}

MoeLayerTime WideStep::layer(const Rank& rank, double experts, const TransferTimes& transfers,
                             const Run& run) const {
  MicroBatchTimes one;
  one.attention_in = rank.tokens.attention_in;
  one.attention_core = rank.core.seconds + rank.tokens.attention_out;
  one.gate = rank.tokens.gate;
  one.shared = rank.tokens.shared;
  one.experts = experts;
  one.dispatch = transfers.dispatch.seconds;
  one.combine = transfers.combine.seconds;
  one.dispatch_kernels = transfers.dispatch.kernels;
  one.combine_kernels = transfers.combine.kernels;
  MoeLayerTime out = !run.overlapped ? serial_layer(one)
                     : run.prompt    ? two_batch_layer(one, policy_.beside)
                                     : five_stage_layer(one);
  out.communication += (policy_.waiting - 1) * out.total();
  return out;
}

KernelCost WideStep::experts(double ratio, double skew, const Run& run) const {
  const double tokens = run.tokens * run.share();
  const double touched = run.state.slots_touched > 0 ? run.state.slots_touched : unit_.slots;
  ExpertWork work;
  work.rows = tokens * unit_.top_k / unit_.gpus * ratio;
  work.touched = touched_at(touched, unit_.slots, run.share());
  work.max_over_mean = skew;
  if (run.prompt) work.tokens = work.rows * unit_.gpus_per_token / unit_.top_k;
  return run.times.experts(work, run.prompt);
}

namespace {

bool same(const RankLoad& a, const RankLoad& b) {
  return a.sequences == b.sequences && a.kv_tokens == b.kv_tokens && a.prompt_tokens == b.prompt_tokens &&
         a.prompt_pairs == b.prompt_pairs;
}

}  // namespace

WideStep::Layers WideStep::moe_layers(const RankLoads& loads, const Run& run) const {
  const auto part = [&](const RankLoad& load) { return rank(run.overlapped ? half_of(load) : load, run); };
  const Rank mean = part(loads.mean);
  const Rank full = same(loads.mean, loads.fullest) ? mean : part(loads.fullest);
  const KernelCost balanced = experts(1, 1, run);
  KernelCost skewed = experts(run.state.gpu_max_over_mean, run.state.slot_max_over_mean, run);
  skewed.seconds = std::max(skewed.seconds, balanced.seconds);
  const double tokens = loads.mean.tokens() * run.share();
  const TransferTimes even = run.times.transfers({tokens, 1, 1}, run.prompt);
  const TransferTimes uneven =
      run.times.transfers({tokens, run.state.gpu_max_over_mean, run.state.node_max_over_mean}, run.prompt);
  const double slow = 1 + policy_.spread;
  const Rank slowest = full.slowed(slow);
  Layers out;
  out.mean = layer(mean, balanced.seconds, even, run);
  out.fullest_rank = layer(slowest, balanced.seconds, even, run);
  out.fullest = layer(slowest, skewed.seconds * slow, uneven, run);
  out.attention_ratio = full.attention() / mean.attention();
  out.work = KernelCost{0, mean.tokens.sm_busy, mean.tokens.hbm_bytes} + mean.core + balanced;
  out.work = out.work * (1 / run.share());
  return out;
}

void WideStep::add_dense_layers(StepTime& out, const RankLoads& loads, const Layers& moe,
                                const Run& run) const {
  if (unit_.dense_layers == 0) return;
  // They run the whole batch at once; the mean rank is as much quicker as in MoE layers.
  const double layers = unit_.dense_layers, slow = 1 + policy_.spread;
  const Rank full = rank(loads.fullest, run);
  const double attention = full.attention() / moe.attention_ratio;
  out.attention += layers * attention;
  out.dense += layers * full.tokens.dense;
  out.attention_imbalance +=
      layers * (full.attention() * slow - attention + full.tokens.dense * policy_.spread);
  out.sm_busy += layers * (full.tokens.dense_sm_busy + full.core.sm_busy);
  out.hbm_bytes += layers * (full.tokens.dense_hbm_bytes + full.core.hbm_bytes);
}

void WideStep::add_draft(StepTime& out, const RankLoads& loads, double times, const Run& run) const {
  Run draft = run;
  draft.tokens = loads.mean.tokens() * unit_.ranks;
  const Layers layers = moe_layers(loads, draft);
  KernelCost around = run.times.draft_projection(loads.fullest.tokens());
  if (!run.prompt) around += run.times.head(loads.fullest.sequences);
  out.drafts += times * (layers.fullest.total() + around.seconds);
  out.sm_busy += times * (layers.work.sm_busy + around.sm_busy);
  out.hbm_bytes += times * (layers.work.hbm_bytes + around.hbm_bytes);
}

void WideStep::add_drafts(StepTime& out, const RankLoads& loads, const Run& run) const {
  const int drafts = run.prompt ? policy_.drafts : loads.mean.query_tokens - 1;
  if (drafts <= 0) return;
  // The first draft passes all tokens of the iteration through its layer, further ones one a sequence.
  add_draft(out, loads, 1, run);
  if (run.prompt) return;
  out.drafts += drafts * policy_.draft_framework;
  RankLoads single = loads;
  single.mean.query_tokens = single.fullest.query_tokens = 1;
  if (drafts > 1) add_draft(out, single, drafts - 1, run);
}

void WideStep::add_framework(StepTime& out, const StepBatch& batch, const Run& run) const {
  const double sequences = std::max(batch.sequences_max, batch.sequences / unit_.ranks);
  const double launches =
      run.times.launches(run.prompt) * (unit_.moe_layers / run.share() + unit_.dense_layers);
  const double issued = launches * (run.prompt ? policy_.prompt_launch : policy_.decode_launch);
  out.framework += (run.prompt ? policy_.prefill_framework : policy_.step_framework) +
                   policy_.per_sequence * sequences + std::max(0.0, issued - out.total());
}

StepTime WideStep::time(const StepBatch& batch, const ExpertState& experts, const WideTimes& times) const {
  StepTime out;
  if (batch.tokens() <= 0) return out;
  const Run run{times, experts, batch.tokens(), batch.prompt_tokens > 0, overlaps(batch)};
  const RankLoads loads = rank_loads(batch, unit_.ranks);
  const Layers moe = moe_layers(loads, run);
  const double layers = unit_.moe_layers;
  out.attention = layers * moe.mean.attention;
  out.dense = layers * moe.mean.dense;
  out.experts = layers * moe.mean.experts;
  out.communication = layers * moe.mean.communication;
  out.attention_imbalance = layers * (moe.fullest_rank.total() - moe.mean.total());
  out.expert_imbalance = layers * (moe.fullest.total() - moe.fullest_rank.total());
  const double rows = loads.fullest.sequences * batch.query_tokens + batch.finished_prompts / unit_.ranks;
  const KernelCost head = times.head(rows);
  out.dense += head.seconds;
  out.sm_busy = layers * moe.work.sm_busy + head.sm_busy;
  out.hbm_bytes = layers * moe.work.hbm_bytes + head.hbm_bytes;
  add_dense_layers(out, loads, moe, run);
  add_drafts(out, loads, run);
  add_framework(out, batch, run);
  return out;
}

}  // namespace moesim
