#include "sim/serving/step/wide_kernels.hpp"

#include <algorithm>

namespace moesim {

WideKernels::WideKernels(const UnitCostInput& input, const WideUnit& unit)
    : input_(input), layers_(input), transfers_(input, unit) {
  const double graph = layers_.constant("graph_kernel_gap", 0);
  const double eager = layers_.constant("kernel_gap", graph);
  gap_[0] = layers_.phase(false).graph ? graph : eager;
  gap_[1] = layers_.phase(true).graph ? graph : eager;
}

bool WideKernels::overlaps(bool prompt) const {
  return layers_.phase(prompt).overlap != BatchOverlap::none && input_.pool->two_micro_batches.value_or(true);
}

Cost WideKernels::cost_of(const PartTime& part, bool prompt) const {
  return {part.seconds + part.launches * gap_[prompt], part.sm_busy, part.hbm_bytes, part.launches};
}

TokenCosts WideKernels::of_tokens(double tokens, bool prompt) const {
  TokenCosts out;
  if (tokens <= 0) return out;
  const int tp = input_.pool->layout.tp;
  const PartTime reduce = layers_.all_reduce(tokens, tp);
  const Cost all = cost_of(layers_.attention_linear(tokens, prompt), prompt);
  const Cost behind = cost_of(layers_.attention_output(tokens, prompt), prompt);
  out.attention_in = all + behind * -1.0;
  out.attention_out = behind + cost_of(reduce, prompt);
  out.gate = cost_of(layers_.gate(tokens, prompt), prompt);
  out.shared = cost_of(layers_.shared(tokens, prompt), prompt);
  if (out.shared.seconds > 0) out.shared += cost_of(reduce, prompt);
  out.dense = cost_of(layers_.dense(tokens, prompt) + reduce, prompt);
  return out;
}

Cost WideKernels::decode_core(double sequences, double mean_kv, int query_tokens) const {
  return cost_of(layers_.decode_core(sequences, mean_kv, query_tokens), false);
}

Cost WideKernels::prompt_core(double prompts, double length, double past) const {
  if (prompts <= 0 || length <= 0) return {};
  const Cost one = cost_of(layers_.prompt_core(1, length, past), true) * prompts;
  if (prompts <= 1) return one;
  // A kernel for many sequences takes at most as long as one for each.
  const Cost many = cost_of(layers_.prompt_core(prompts, length, past), true);
  return many.seconds < one.seconds ? many : one;
}

Cost WideKernels::experts(const ExpertWork& work, bool prompt) const {
  return cost_of(layers_.experts(work, prompt), prompt);
}

Cost WideKernels::head(double rows) const {
  return cost_of(layers_.head(rows), false);
}

Cost WideKernels::draft_projection(double tokens) const {
  return cost_of(layers_.draft_projection(tokens), false);
}

TransferCost WideKernels::transfer(const TransferLoad& load, bool prompt) const {
  if (layers_.phase(prompt).transfer == ExpertTransfer::deepep_low_latency)
    return transfers_.low_latency(load);
  return transfers_.normal(load, overlaps(prompt));
}

}  // namespace moesim
