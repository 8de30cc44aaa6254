#include "sim/serving/step/tabulated_times.hpp"

#include <algorithm>

namespace moesim {

namespace {

constexpr GeometricAxis kSequences{14, 8};
constexpr GeometricAxis kCache{21, 8};
constexpr GeometricAxis kPrompts{8, 4};
constexpr GeometricAxis kLength{18, 16};
constexpr double kPastOffset = 256;
constexpr GeometricAxis kPast{21, 8, kPastOffset};
constexpr GeometricAxis kRows{14, 16};
constexpr GeometricAxis kExperts{9, 8};
constexpr GeometricAxis kSkew{6, 16};

KernelCost cost_of(const PartTime& part) {
  return {part.seconds, part.sm_busy, part.hbm_bytes};
}

}  // namespace

TabulatedTimes::Phase::Phase()
    : attention({TokenAxis{}}),
      gate({TokenAxis{}}),
      dense({TokenAxis{}}),
      shared({TokenAxis{}}),
      experts({kRows, kExperts, kSkew}) {}

TabulatedTimes::TabulatedTimes(const LayerTimes& exact, double packed_share)
    : exact_(exact),
      packed_share_(packed_share),
      head_({TokenAxis{}}),
      draft_projection_({TokenAxis{}}),
      all_reduce_({TokenAxis{}}),
      gather_scatter_({TokenAxis{}}),
      prompt_core_({kPrompts, kLength, kPast}) {
  const int most_queries = 1 + exact.input().pool->speculation.drafts;
  for (int q = 1; q <= most_queries; ++q) decode_core_.emplace_back(std::array{kSequences, kCache});
}

KernelCost TabulatedTimes::attention_linear(double tokens, bool prompt) const {
  return phases_[prompt ? 1 : 0].attention.at(
      {tokens}, [&](const auto& at) { return cost_of(exact_.attention_linear(at[0], prompt)); });
}

KernelCost TabulatedTimes::gate(double tokens, bool prompt) const {
  return phases_[prompt ? 1 : 0].gate.at({tokens},
                                         [&](const auto& at) { return cost_of(exact_.gate(at[0], prompt)); });
}

KernelCost TabulatedTimes::dense(double tokens, bool prompt) const {
  return phases_[prompt ? 1 : 0].dense.at(
      {tokens}, [&](const auto& at) { return cost_of(exact_.dense(at[0], prompt)); });
}

KernelCost TabulatedTimes::shared(double tokens, bool prompt) const {
  return phases_[prompt ? 1 : 0].shared.at(
      {tokens}, [&](const auto& at) { return cost_of(exact_.shared(at[0], prompt)); });
}

KernelCost TabulatedTimes::experts(const ExpertWork& work, bool prompt) const {
  const double touched = std::max(work.touched, 1.0);
  return phases_[prompt ? 1 : 0].experts.at(
      {work.rows / touched, touched, work.max_over_mean}, [&](const auto& at) {
        const double rows = at[0] * at[1];
        return cost_of(exact_.experts({rows, at[1], at[2], rows * packed_share_}, prompt));
      });
}

KernelCost TabulatedTimes::decode_core(double sequences, double mean_kv, int query_tokens) const {
  if (sequences <= 0) return {};
  const auto table = static_cast<std::size_t>(query_tokens - 1);
  if (table >= decode_core_.size()) return cost_of(exact_.decode_core(sequences, mean_kv, query_tokens));
  return decode_core_[table].at({sequences, mean_kv}, [&](const auto& at) {
    return cost_of(exact_.decode_core(at[0], at[1], query_tokens));
  });
}

KernelCost TabulatedTimes::prompt_core(double prompts, double length, double past) const {
  if (prompts <= 0 || length <= 0) return {};
  if (prompts < 1) return prompt_core(1, length, past) * prompts;
  return prompt_core_.at({prompts, length, past}, [&](const auto& at) {
    return cost_of(exact_.prompt_core(at[0], at[1], std::max(at[2], 0.0)));
  });
}

KernelCost TabulatedTimes::head(double rows) const {
  if (rows <= 0) return {};
  return head_.at({rows}, [&](const auto& at) { return cost_of(exact_.head(at[0])); });
}

KernelCost TabulatedTimes::draft_projection(double tokens) const {
  return draft_projection_.at({tokens},
                              [&](const auto& at) { return cost_of(exact_.draft_projection(at[0])); });
}

KernelCost TabulatedTimes::all_reduce(double tokens, int gpus) const {
  if (gpus <= 1 || tokens <= 0) return {};
  return all_reduce_.at({tokens}, [&](const auto& at) { return cost_of(exact_.all_reduce(at[0], gpus)); });
}

KernelCost TabulatedTimes::gather_scatter(double tokens) const {
  if (tokens <= 0) return {};
  return gather_scatter_.at({tokens}, [&](const auto& at) { return cost_of(exact_.gather_scatter(at[0])); });
}

}  // namespace moesim
