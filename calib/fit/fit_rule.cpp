#include "calib/fit/fit_rule.hpp"

#include <algorithm>
#include <array>

namespace moesim {

namespace {

using enum TimedOperator;

constexpr auto kFitRules = std::to_array<FitRule>({
    {gemm, "m", nullptr, {}, true},
    {gqa_prefill, "length", needed_gqa_prefills},
    {gqa_decode, "length", needed_gqa_decodes},
    {attention_prefill, "length"},
    {mla_prefill_absorbed, "length"},
    {mla_decode, "length"},
    {expert_mlp, "rows", needed_expert_mlps, {"experts", "max_rows", "tokens"}},
    {batched_gemm, "m", needed_batched_gemms},
    {dispatch_low_latency, "tokens", needed_transfers},
    {combine_low_latency, "tokens", needed_transfers},
    {dispatch_normal, "tokens", needed_transfers},
    {combine_normal, "tokens", needed_transfers},
    {custom_all_reduce, "bytes", needed_in_log_log},
    {all_reduce, "bytes"},
    {all_gather, "bytes"},
    {reduce_scatter, "bytes"},
    {all_to_all, "bytes"},
});

}  // namespace

std::span<const FitRule> fit_rules() {
  return kFitRules;
}

const FitRule* fit_rule(TimedOperator op) {
  const auto at =
      std::find_if(kFitRules.begin(), kFitRules.end(), [&](const FitRule& rule) { return rule.op == op; });
  return at == kFitRules.end() ? nullptr : &*at;
}

std::vector<Entry> thinned(std::span<const Entry> points, const GpuFacts& gpu) {
  std::vector<Entry> out;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin;
    while (end < points.size() && points[end].op == points[begin].op) ++end;
    const auto same = points.subspan(begin, end - begin);
    const FitRule* rule = fit_rule(same.front().op);
    const bool all = rule == nullptr || rule->needed == nullptr;
    const auto kept = all ? std::vector<bool>(same.size(), true) : rule->needed(same, gpu);
    for (std::size_t i = 0; i < same.size(); ++i) {
      if (kept[i]) out.push_back(same[i]);
    }
    begin = end;
  }
  return out;
}

}  // namespace moesim
