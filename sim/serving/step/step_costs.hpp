#pragma once

#include "sim/serving/experts/expert_state.hpp"

namespace moesim {

/// What one iteration of a unit works on. Sums are over the unit, `_max` of its fullest attention rank.
struct StepBatch {
  double sequences = 0;  ///< that decode
  double sequences_max = 0;
  double kv_tokens = 0;  ///< cached tokens of those
  double kv_tokens_max = 0;
  int query_tokens = 1;      ///< of a decoding sequence: 1 and its drafts
  double prompts = 0;        ///< prompt chunks
  double prompt_tokens = 0;  ///< new tokens of those
  double prompt_tokens_max = 0;
  double past_tokens = 0;   ///< sum over chunks of cached tokens p before the s new ones
  double prompt_pairs = 0;  ///< sum over chunks of s p + s^2 / 2
  double prompt_pairs_max = 0;
  double finished_prompts = 0;  ///< chunks that end their prompt and need the head

  /// Tokens that pass through linear layers.
  [[nodiscard]] double tokens() const { return sequences * query_tokens + prompt_tokens; }
};

/// Seconds of one iteration by cause; parts that run beside others count where they are exposed.
struct StepTime {
  double attention = 0;  ///< of the mean rank: projections, core, small kernels
  double attention_imbalance = 0;
  double dense = 0;    ///< dense layers, shared experts, gate, head
  double experts = 0;  ///< routed experts at balance
  double expert_imbalance = 0;
  double communication = 0;  ///< exposed
  double drafts = 0;         ///< draft layers and sampling
  double framework = 0;      ///< host, launches, scheduling
  // For energy.
  double sm_busy = 0;    ///< seconds of a GPU with all SMs at work
  double hbm_bytes = 0;  ///< of a GPU

  [[nodiscard]] double total() const {
    return attention + attention_imbalance + dense + experts + expert_imbalance + communication + drafts +
           framework;
  }
};

/// Times of the iterations of one kind of unit, tabulated. Thread-safe, pure.
class StepCosts {
 public:
  virtual ~StepCosts() = default;
  /// Cost: about 100 ns, by tables over batch, cache and prompt lengths.
  [[nodiscard]] virtual StepTime step(const StepBatch& batch, const ExpertState& experts) const = 0;
  /// The twin without tables: every kernel looked up at its shape. step() is within 1 % of it.
  [[nodiscard]] virtual StepTime exact(const StepBatch& batch, const ExpertState& experts) const = 0;
};

}  // namespace moesim
