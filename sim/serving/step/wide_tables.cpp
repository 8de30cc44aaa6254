#include "sim/serving/step/wide_tables.hpp"

#include <algorithm>

namespace moesim {

namespace {

constexpr GeometricAxis kSequences{12, 8};
constexpr GeometricAxis kCache{21, 8};
constexpr GeometricAxis kPrompts{8, 4};
constexpr GeometricAxis kLength{18, 16};
constexpr double kPastOffset = 256;
constexpr GeometricAxis kPast{21, 8, kPastOffset};
constexpr GeometricAxis kRows{15, 16};
constexpr GeometricAxis kSlots{7, 8};
constexpr GeometricAxis kSkew{6, 16};

}  // namespace

WideTables::Phase::Phase()
    : attention({TokenAxis{}}),
      others({TokenAxis{}}),
      work({TokenAxis{}}),
      dispatch({TokenAxis{}}),
      combine({TokenAxis{}}),
      experts({kRows, kSlots, kSkew}) {}

WideTables::WideTables(const WideKernels& exact, const WideUnit& unit, int most_query_tokens)
    : exact_(exact),
      packed_share_(unit.gpus_per_token / unit.top_k),
      prompt_core_({kPrompts, kLength, kPast}),
      head_({TokenAxis{}}),
      draft_projection_({TokenAxis{}}) {
  for (int q = 1; q <= most_query_tokens; ++q) decode_core_.emplace_back(std::array{kSequences, kCache});
  for (const bool combine : {false, true}) {
    const auto kernels = [&](double tokens) {
      return exact_.transfer_parts().kernel_seconds(tokens, combine);
    };
    kernel_floor_[combine] = kernels(0);
    kernels_per_token_[combine] = kernels(1) - kernels(0);
  }
}

TokenTimes WideTables::of_tokens(double tokens, bool prompt) const {
  const Phase& phase = phases_[prompt];
  const auto at = [&](const TokenTable& table, double TokenTimes::*a, double TokenTimes::*b,
                      double TokenTimes::*c) {
    return table.at({tokens}, [&](const std::array<double, 1>& node) {
      const TokenTimes made = exact_.of_tokens(node[0], prompt);
      return KernelCost{made.*a, made.*b, made.*c};
    });
  };
  using T = TokenTimes;
  const KernelCost attention = at(phase.attention, &T::attention_in, &T::attention_out, &T::gate);
  const KernelCost others = at(phase.others, &T::dense_hbm_bytes, &T::shared, &T::dense);
  const KernelCost work = at(phase.work, &T::hbm_bytes, &T::sm_busy, &T::dense_sm_busy);
  return {attention.seconds, attention.sm_busy, attention.hbm_bytes, others.sm_busy, others.hbm_bytes,
          work.sm_busy,      work.seconds,      work.hbm_bytes,      others.seconds};
}

KernelCost WideTables::decode_core(double sequences, double mean_kv, int query_tokens) const {
  const auto table = static_cast<std::size_t>(query_tokens - 1);
  if (table >= decode_core_.size()) return exact_.decode_core(sequences, mean_kv, query_tokens);
  return decode_core_[table].at(
      {sequences, mean_kv}, [&](const auto& at) { return exact_.decode_core(at[0], at[1], query_tokens); });
}

KernelCost WideTables::prompt_core(double prompts, double length, double past) const {
  if (prompts <= 0 || length <= 0) return {};
  const double count = std::max(prompts, 1.0);
  const KernelCost each = prompt_core_.at({count, length, past}, [&](const auto& at) {
    return exact_.prompt_core(at[0], at[1], std::max(at[2], 0.0)) * (1 / at[0]);
  });
  return each * prompts;
}

KernelCost WideTables::experts(const ExpertWork& work, bool prompt) const {
  const double touched = std::max(work.touched, 1.0);
  return phases_[prompt].experts.at({work.rows / touched, touched, work.max_over_mean}, [&](const auto& at) {
    const double rows = at[0] * at[1];
    return exact_.experts({rows, at[1], at[2], prompt ? rows * packed_share_ : 0}, prompt);
  });
}

KernelCost WideTables::head(double rows) const {
  if (rows <= 0) return {};
  return head_.at({rows}, [&](const auto& at) { return exact_.head(at[0]); });
}

KernelCost WideTables::draft_projection(double tokens) const {
  return draft_projection_.at({tokens}, [&](const auto& at) { return exact_.draft_projection(at[0]); });
}

TransferTime WideTables::transfer(const TransferLoad& load, bool combine, bool prompt) const {
  const Phase& phase = phases_[prompt];
  const TokenTable& table = combine ? phase.combine : phase.dispatch;
  const WideTransfers& parts = exact_.transfer_parts();
  if (exact_.low_latency(prompt)) {
    const KernelCost cost = table.at({load.tokens * load.gpu_ratio}, [&](const auto& at) {
      return KernelCost{parts.low_latency({at[0]}, combine).seconds};
    });
    const double kernels = kernel_floor_[combine] + kernels_per_token_[combine] * load.tokens;
    return {std::max(cost.seconds, kernels), kernels};
  }
  const KernelCost cost = table.at({load.tokens}, [&](const auto& at) {
    const auto normal = parts.normal(at[0], combine, exact_.beside_computation());
    return KernelCost{normal.fixed, normal.nic, normal.nvlink};
  });
  return {WideTransfers::Normal{cost.seconds, cost.sm_busy, cost.hbm_bytes}.seconds(load)};
}

TransferTimes WideTables::transfers(const TransferLoad& load, bool prompt) const {
  return {transfer(load, false, prompt), transfer(load, true, prompt)};
}

}  // namespace moesim
