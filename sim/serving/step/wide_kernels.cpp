#include "sim/serving/step/wide_kernels.hpp"

#include <algorithm>

namespace moesim {

namespace {

constexpr double kAnyTokens = 64;  // launches do not depend on it

}  // namespace

WideKernels::WideKernels(const UnitCostInput& input, const WideUnit& unit)
    : input_(input), layers_(input), transfers_(input, unit) {
  const double graph = layers_.constant("graph_kernel_gap", 0);
  const double eager = layers_.constant("kernel_gap", graph);
  beside_computation_ =
      layers_.phase(true).overlap != BatchOverlap::none && input.pool->two_micro_batches.value_or(true);
  const double core = layers_.decode_core(kAnyTokens, kAnyTokens, 1).launches;
  for (const bool prompt : {false, true}) {
    gap_[prompt] = layers_.phase(prompt).graph ? graph : eager;
    const PartTime linear = layers_.attention_linear(kAnyTokens, prompt) + layers_.gate(kAnyTokens, prompt) +
                            layers_.shared(kAnyTokens, prompt);
    launches_[prompt] = linear.launches + core + 1;
  }
}

KernelCost WideKernels::cost_of(const PartTime& part, bool prompt) const {
  return {part.seconds + part.launches * gap_[prompt], part.sm_busy, part.hbm_bytes};
}

TokenTimes WideKernels::of_tokens(double tokens, bool prompt) const {
  TokenTimes out;
  if (tokens <= 0) return out;
  const PartTime reduce = layers_.all_reduce(tokens, input_.pool->layout.tp);
  const KernelCost linear = cost_of(layers_.attention_linear(tokens, prompt), prompt);
  const KernelCost behind = cost_of(layers_.attention_output(tokens, prompt), prompt);
  const KernelCost reduced = cost_of(reduce, prompt);
  const KernelCost gate = cost_of(layers_.gate(tokens, prompt), prompt);
  const KernelCost shared = cost_of(layers_.shared(tokens, prompt), prompt);
  const KernelCost dense = cost_of(layers_.dense(tokens, prompt), prompt);
  out.attention_in = linear.seconds - behind.seconds;
  out.attention_out = behind.seconds + reduced.seconds;
  out.gate = gate.seconds;
  out.shared = shared.seconds + (shared.seconds > 0 ? reduced.seconds : 0);
  out.dense = dense.seconds + (dense.seconds > 0 ? reduced.seconds : 0);
  out.sm_busy = linear.sm_busy + gate.sm_busy + shared.sm_busy;
  out.hbm_bytes = linear.hbm_bytes + gate.hbm_bytes + shared.hbm_bytes;
  out.dense_sm_busy = linear.sm_busy + dense.sm_busy;
  out.dense_hbm_bytes = linear.hbm_bytes + dense.hbm_bytes;
  return out;
}

KernelCost WideKernels::decode_core(double sequences, double mean_kv, int query_tokens) const {
  return cost_of(layers_.decode_core(sequences, mean_kv, query_tokens), false);
}

KernelCost WideKernels::prompt_core(double prompts, double length, double past) const {
  if (prompts <= 0 || length <= 0) return {};
  const KernelCost one = cost_of(layers_.prompt_core(1, length, past), true) * prompts;
  if (prompts <= 1) return one;
  // A kernel for many sequences takes at most as long as one for each.
  const KernelCost many = cost_of(layers_.prompt_core(prompts, length, past), true);
  return many.seconds < one.seconds ? many : one;
}

KernelCost WideKernels::experts(const ExpertWork& work, bool prompt) const {
  return cost_of(layers_.experts(work, prompt), prompt);
}

KernelCost WideKernels::head(double rows) const {
  return cost_of(layers_.head(rows), false);
}

KernelCost WideKernels::draft_projection(double tokens) const {
  return cost_of(layers_.draft_projection(tokens), false);
}

TransferTimes WideKernels::transfers(const TransferLoad& load, bool prompt) const {
  if (low_latency(prompt)) return {transfers_.low_latency(load, false), transfers_.low_latency(load, true)};
  const auto normal = [&](bool combine) {
    const auto parts = transfers_.normal(load.tokens, combine, beside_computation_);
    return TransferTime{parts.seconds(load), 0, parts.provenance};
  };
  return {normal(false), normal(true)};
}

}  // namespace moesim
