#include "calib/profile/known_constants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace moesim {
namespace {

constexpr KnownConstant at_least_zero(std::string_view name, std::string_view unit) {
  return {.name = name, .unit = unit};
}
constexpr KnownConstant above_zero(std::string_view name, std::string_view unit) {
  return {.name = name, .unit = unit, .above_low = true};
}
/// One rate over another above this is a mistake of unit or decimal point.
constexpr double kMostOfARate = 2;
constexpr KnownConstant rate_ratio(std::string_view name) {
  return {.name = name, .unit = "ratio", .above_low = true, .high = kMostOfARate};
}

constexpr std::array kStackConstants{
    rate_ratio("compute_contention"),
    rate_ratio("attention_contention"),
    rate_ratio("small_contention"),
    rate_ratio("sustained_rate"),
    at_least_zero("transfer_overlap_addition", "s/B"),
    at_least_zero("kernel_gap", "s"),
    at_least_zero("launch", "s"),
    at_least_zero("host_wait", "s"),
    at_least_zero("transfer_start", "s"),
    at_least_zero("optimizer_traffic", "B/parameter"),
    at_least_zero("requantise", "B/parameter"),
    at_least_zero("gradient_norm", "s"),
    at_least_zero("memory_reserve", "B"),
    KnownConstant{.name = "tensor_overlap", .unit = "ratio", .high = 1},
    rate_ratio("all_to_all_rate"),
    at_least_zero("dropless_kernels", "count"),
    // Of serving; where each enters: docs/serving-model.md.
    at_least_zero("step_framework", "s"),
    at_least_zero("step_per_sequence", "s"),
    at_least_zero("prefill_framework", "s"),
    at_least_zero("request_overhead", "s"),
    at_least_zero("graph_kernel_gap", "s"),
    at_least_zero("draft_framework", "s"),
    KnownConstant{.name = "expert_bandwidth", .unit = "ratio", .above_low = true, .high = 1},
    at_least_zero("all_reduce_skew", "s"),
    at_least_zero("low_latency_kernels", "s"),
    at_least_zero("graph_memory", "B"),
    KnownConstant{.name = "memory_fraction", .unit = "ratio", .above_low = true, .high = 1},
    rate_ratio("cold_weight_bandwidth"),
    rate_ratio("serving_overlap_rate"),
    rate_ratio("wide_waiting"),
    rate_ratio("fp4_rate_over_fp8"),
};

constexpr std::array kProfileConstants{
    above_zero("attention_backward_ratio", "ratio"),
    above_zero("gqa_backward_ratio", "ratio"),
    rate_ratio("weight_gradient_rate_fp8"),
    rate_ratio("weight_gradient_rate_bf16"),
    rate_ratio("sustained_rate"),
    rate_ratio("mxfp8_rate_over_fp8"),
    rate_ratio("gemm_efficiency"),
    at_least_zero("small_kernel_floor", "s"),
    rate_ratio("small_kernel_bandwidth"),
    rate_ratio("accumulation_bandwidth"),
    above_zero("mla_decode_rate", "FLOP/s"),
    above_zero("mla_decode_bandwidth", "B/s"),
    at_least_zero("low_latency_start", "s"),
};

constexpr std::array kRouterConstants{
    at_least_zero("drift", "logit"),
    at_least_zero("loss_effect", "logit"),
    KnownConstant{.name = "loss_pull", .unit = "ratio", .high = 1},
    above_zero("loss_max_step", "logit"),
};

bool holds(const KnownConstant& known, double value) {
  return value <= known.high && (known.above_low ? value > known.low : value >= known.low);
}

std::string range_text(const KnownConstant& known) {
  const std::string least = fmt::format("{} {}", known.above_low ? "above" : "at least", known.low);
  return known.high < std::numeric_limits<double>::infinity()
             ? fmt::format("{} and at most {}", least, known.high)
             : least;
}

std::optional<SpecIssue> find_outside(const KnownConstant& known, const std::string& pointer, double value,
                                      const std::vector<double>& interval) {
  const auto issue = [&](const std::string& key, double outside) {
    return SpecIssue{pointer + key,
                     fmt::format("{} must be {}, got {}", known.name, range_text(known), outside),
                     known.high == kMostOfARate ? "give one rate over another; 1 stands for no loss"
                                                : fmt::format("give it in {}", known.unit)};
  };
  if (!holds(known, value)) return issue("/value", value);
  for (std::size_t i = 0; i < interval.size(); ++i) {
    if (!holds(known, interval[i])) return issue(fmt::format("/interval/{}", i), interval[i]);
  }
  return std::nullopt;
}

SpecIssue unknown_name(const std::string& name, const std::string& pointer,
                       std::span<const KnownConstant> known) {
  std::vector<std::string_view> names;
  for (const KnownConstant& row : known) names.push_back(row.name);
  const std::string near = nearest(name, std::span<const std::string_view>(names));
  return {pointer + "/name", fmt::format("nothing reads a constant '{}'", name),
          near.empty() ? fmt::format("one of {}", fmt::join(names, ", "))
                       : fmt::format("did you mean '{}'?", near)};
}

}  // namespace

std::span<const KnownConstant> known_stack_constants() {
  return kStackConstants;
}

std::span<const KnownConstant> known_profile_constants() {
  return kProfileConstants;
}

std::span<const KnownConstant> known_router_constants() {
  return kRouterConstants;
}

std::optional<SpecIssue> find_unknown_constant(std::span<const Constant> constants,
                                               std::span<const KnownConstant> known) {
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const Constant& constant = constants[i];
    const std::string pointer = fmt::format("/constants/{}", i);
    const auto row = std::ranges::find(known, constant.name, &KnownConstant::name);
    if (row == known.end()) return unknown_name(constant.name, pointer, known);
    if (constant.unit != row->unit) {
      return SpecIssue{pointer + "/unit", fmt::format("'{}' of {}", constant.unit, constant.name),
                       fmt::format("it is read in {}", row->unit)};
    }
    if (auto issue = find_outside(*row, pointer, constant.value, constant.interval)) return issue;
    if (!constant.fallback) continue;
    if (auto issue =
            find_outside(*row, pointer + "/fallback", constant.fallback->value, constant.fallback->interval))
      return issue;
  }
  return std::nullopt;
}

}  // namespace moesim
