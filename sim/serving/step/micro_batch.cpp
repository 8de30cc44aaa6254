#include "sim/serving/step/micro_batch.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace moesim {

RankLoads rank_loads(const StepBatch& batch, int num_ranks) {
  const double ranks = num_ranks;
  RankLoads out;
  out.mean = {batch.sequences / ranks,   batch.kv_tokens / ranks,     batch.query_tokens,
              batch.prompts / ranks,     batch.prompt_tokens / ranks, batch.past_tokens / ranks,
              batch.prompt_pairs / ranks};
  const auto fullest = [](double most, double mean) { return std::max(most, mean); };
  out.fullest = out.mean;
  out.fullest.sequences = fullest(batch.sequences_max, out.mean.sequences);
  out.fullest.kv_tokens = fullest(batch.kv_tokens_max, out.mean.kv_tokens);
  out.fullest.prompt_tokens = fullest(batch.prompt_tokens_max, out.mean.prompt_tokens);
  out.fullest.prompt_pairs = fullest(batch.prompt_pairs_max, out.mean.prompt_pairs);
  if (out.mean.prompt_tokens > 0) {
    const double more = out.fullest.prompt_tokens / out.mean.prompt_tokens;
    out.fullest.prompts *= more;
    out.fullest.past_tokens *= more;
  }
  return out;
}

RankLoad half_of(const RankLoad& load) {
  RankLoad half = load;
  half.sequences /= 2;
  half.kv_tokens /= 2;
  half.prompts /= 2;
  half.prompt_tokens /= 2;
  half.past_tokens /= 2;
  half.prompt_pairs /= 2;
  return half;
}

double touched_at(double touched, double slots, double part) {
  if (touched <= 0 || slots <= 0) return touched;
  const double open = 1 - std::min(touched / slots, 1.0);
  if (open <= 0) return touched;
  return slots * (1 - exp_det(part * log_det(open)));
}

}  // namespace moesim
