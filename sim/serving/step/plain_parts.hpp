#pragma once

#include <algorithm>

#include "base/math.hpp"
#include "sim/serving/step/layer_times.hpp"

namespace moesim {

/// Counts of a model on a unit that runs one batch after the other.
struct PlainUnit {
  int layers = 0;
  int dense_layers = 0;
  int moe_layers = 0;
  int ranks = 1;  ///< attention ranks
  int tp = 1;
  int ep = 1;
  int experts = 0;
  int top_k = 0;
  int drafts = 0;
  bool shared_in_experts = false;

  explicit PlainUnit(const UnitCostInput& input)
      : layers(input.model->num_layers),
        dense_layers(input.model->num_dense_layers),
        moe_layers(input.model->num_moe_layers()),
        ranks(input.pool->layout.attention_ranks()),
        tp(input.pool->layout.tp),
        ep(input.pool->layout.ep),
        experts(input.model->num_experts),
        top_k(input.model->top_k),
        drafts(input.pool->speculation.drafts),
        shared_in_experts(input.stack->serving->shared_in_experts && ranks == 1 && ep == 1 &&
                          input.model->num_shared_experts == 1) {}

  /// Tokens that an expert kernel packs for each row.
  [[nodiscard]] double packed_share() const { return static_cast<double>(ep) / std::max(top_k, 1); }
};

/// The kernels of one iteration, each part once as the mean GPU has it and once as the slowest, which counts.
template <class Part>
struct PlainParts {
  Part attention, attention_slowest;
  Part dense, dense_slowest;
  Part experts, experts_slowest;
  Part communication;
  Part drafts;
};

/// An iteration by the times of `Times`: LayerTimes or TabulatedTimes.
template <class Part, class Times>
class PlainIteration {
 public:
  PlainIteration(const Times& times, const PlainUnit& unit, const StepBatch& batch, const ExpertState& state)
      : times_(times),
        unit_(unit),
        batch_(batch),
        state_(state),
        prompt_(batch.prompt_tokens > 0),
        mean_(mean_rank(batch, unit.ranks)),
        fullest_(fullest_rank(batch, unit.ranks)) {}

  [[nodiscard]] PlainParts<Part> parts() const {
    PlainParts<Part> out;
    if (batch_.tokens() <= 0) return out;
    out.attention = attention(mean_) * unit_.layers;
    out.attention_slowest = unit_.ranks == 1 ? out.attention : attention(fullest_) * unit_.layers;
    out.dense = dense(mean_);
    out.dense_slowest = unit_.ranks == 1 ? out.dense : dense(fullest_);
    const double tokens = batch_.tokens();
    if (unit_.moe_layers > 0) {
      ExpertState balanced = state_;
      balanced.gpu_max_over_mean = balanced.slot_max_over_mean = 1;
      out.experts = experts(balanced, tokens) * unit_.moe_layers;
      out.experts_slowest = experts(state_, tokens) * unit_.moe_layers;
    }
    out.communication = times_.all_reduce(fullest_.tokens(), unit_.tp) * (unit_.layers + unit_.dense_layers) +
                        exchange(fullest_.tokens(), tokens) * unit_.moe_layers;
    out.drafts = drafts();
    return out;
  }

 private:
  static RankLoad mean_rank(const StepBatch& b, int ranks) {
    return {b.sequences / ranks,     b.kv_tokens / ranks,   b.query_tokens,        b.prompts / ranks,
            b.prompt_tokens / ranks, b.past_tokens / ranks, b.prompt_pairs / ranks};
  }

  /// Of chunks the fullest rank is known by its tokens and pairs; their number is in proportion.
  static RankLoad fullest_rank(const StepBatch& b, int ranks) {
    if (ranks == 1) return mean_rank(b, 1);
    const double share = b.prompt_tokens > 0 ? b.prompt_tokens_max / b.prompt_tokens : 0;
    return {b.sequences_max,     b.kv_tokens_max,       b.query_tokens,    b.prompts * share,
            b.prompt_tokens_max, b.past_tokens * share, b.prompt_pairs_max};
  }

  [[nodiscard]] Part attention(const RankLoad& load) const {
    Part out{};
    if (load.tokens() <= 0) return out;
    out += times_.attention_linear(load.tokens(), prompt_);
    if (load.sequences > 0)
      out += times_.decode_core(load.sequences, load.kv_tokens / load.sequences, load.query_tokens);
    if (load.prompts <= 0 || load.prompt_tokens <= 0) return out;
    // Chunks of unequal lengths: the mean one, the time in proportion to pairs.
    const double length = load.prompt_tokens / load.prompts, past = load.past_tokens / load.prompts;
    const double pairs = load.prompts * (length * past + length * length / 2);
    const double share = load.prompt_pairs > 0 ? load.prompt_pairs / pairs : 1;
    out += times_.prompt_core(load.prompts, length, past) * share;
    return out;
  }

  [[nodiscard]] Part moe_but_experts(double tokens, bool prompt) const {
    Part out = times_.gate(tokens, prompt);
    if (!unit_.shared_in_experts) out += times_.shared(tokens, prompt);
    return out;
  }

  /// Dense layers, and of MoE layers all but routed experts; the head.
  [[nodiscard]] Part dense(const RankLoad& load) const {
    Part out{};
    const double tokens = load.tokens();
    if (tokens > 0) {
      if (unit_.dense_layers > 0) out += times_.dense(tokens, prompt_) * unit_.dense_layers;
      if (unit_.moe_layers > 0) out += moe_but_experts(tokens, prompt_) * unit_.moe_layers;
    }
    const double rows = load.sequences * load.query_tokens + batch_.finished_prompts / unit_.ranks;
    if (rows > 0) out += times_.head(std::max(rows, 1.0));
    return out;
  }

  [[nodiscard]] ExpertWork work_of(const ExpertState& state, double tokens) const {
    const double rows = tokens * unit_.top_k / unit_.ep * state.gpu_max_over_mean;
    ExpertWork work{rows, std::clamp(state.slots_touched, 1.0, std::max(rows, 1.0)),
                    std::max(state.slot_max_over_mean, 1.0)};
    if (unit_.shared_in_experts) {
      const double fullest = std::max(work.max_over_mean * rows / work.touched, tokens);
      work.rows += tokens;
      work.touched += 1;
      work.max_over_mean = fullest * work.touched / work.rows;
    }
    work.tokens = work.rows * unit_.packed_share();
    return work;
  }

  [[nodiscard]] Part experts(const ExpertState& state, double tokens) const {
    return times_.experts(work_of(state, tokens), prompt_);
  }

  /// What an MoE layer does to bring tokens to experts and back.
  [[nodiscard]] Part exchange(double rank_tokens, double tokens) const {
    return unit_.ranks == 1 ? times_.all_reduce(rank_tokens, unit_.tp) : times_.gather_scatter(tokens);
  }

  /// Distinct experts of `tokens` tokens if all are alike.
  [[nodiscard]] double alike(double tokens) const {
    return 1 - exp_det(tokens * log_det(1 - static_cast<double>(unit_.top_k) / unit_.experts));
  }

  /// One pass of the draft layer over `load`, `tokens` in the unit.
  [[nodiscard]] Part draft_pass(const RankLoad& load, double tokens) const {
    Part out = times_.draft_projection(load.tokens());
    out += attention(load);
    if (unit_.experts > 0) {
      ExpertState state = state_;
      state.slots_touched *= alike(tokens) / alike(batch_.tokens());
      out += moe_but_experts(load.tokens(), prompt_);
      out += experts(state, tokens);
      out += exchange(load.tokens(), tokens);
    } else {
      out += times_.dense(load.tokens(), prompt_);
      out += times_.all_reduce(load.tokens(), unit_.tp);
    }
    out += times_.all_reduce(load.tokens(), unit_.tp);
    if (load.sequences > 0) out += times_.head(std::max(load.sequences, 1.0));
    return out;
  }

  /// The first draft goes over all tokens of the iteration, as its layer has a cache of its own; the others
  /// over one of each sequence.
  [[nodiscard]] Part drafts() const {
    Part out{};
    if (unit_.drafts == 0) return out;
    out += draft_pass(fullest_, batch_.tokens());
    if (batch_.sequences <= 0) return out;
    RankLoad single;
    single.sequences = fullest_.sequences;
    single.kv_tokens = fullest_.kv_tokens;
    if (unit_.drafts > 1) out += draft_pass(single, batch_.sequences) * (unit_.drafts - 1);
    return out;
  }

  const Times& times_;
  const PlainUnit& unit_;
  const StepBatch& batch_;
  const ExpertState& state_;
  bool prompt_;
  RankLoad mean_, fullest_;
};

}  // namespace moesim
