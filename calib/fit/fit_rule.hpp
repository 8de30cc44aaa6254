#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// How timed points of one operator become the curves of a profile.
struct FitRule {
  TimedOperator op = TimedOperator::gemm;
  std::string_view along;  ///< the axis that curves run along
  /// Which points the lookup of a profile needs to give back the others: [num_points], true for kept.
  /// `points` are all of one operator, merged, ordered by curve and ascending along it. Nothing: all are
  /// kept.
  std::vector<bool> (*needed)(std::span<const Entry> points, const GpuFacts& gpu) = nullptr;
  /// Axes that change along a curve with the first: experts with rows and the rows of the fullest.
  std::array<std::string_view, 3> with{};

  bool as_grid = false;  ///< written as a grid along the axis

  [[nodiscard]] bool is_along(std::string_view axis) const {
    return axis == along || std::find(with.begin(), with.end(), axis) != with.end();
  }
};

/// The rules, a row per operator: an operator without a row passes through a fit as it is.
std::span<const FitRule> fit_rules();

/// The rule of an operator; nullptr where there is none.
const FitRule* fit_rule(TimedOperator op);

/// The points that rules keep, in their order. `points` as merge_repeated() gives them.
std::vector<Entry> thinned(std::span<const Entry> points, const GpuFacts& gpu);

/// One of each rule that has a file rule_*.cpp.
std::vector<bool> needed_gqa_prefills(std::span<const Entry> points, const GpuFacts& gpu);
std::vector<bool> needed_gqa_decodes(std::span<const Entry> points, const GpuFacts& gpu);
std::vector<bool> needed_in_log_log(std::span<const Entry> points, const GpuFacts& gpu);
std::vector<bool> needed_expert_mlps(std::span<const Entry> points, const GpuFacts& gpu);
std::vector<bool> needed_transfers(std::span<const Entry> points, const GpuFacts& gpu);
std::vector<bool> needed_batched_gemms(std::span<const Entry> points, const GpuFacts& gpu);

}  // namespace moesim
