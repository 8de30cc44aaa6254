// Which attention cores a profile keeps.
#include <algorithm>
#include <cmath>

#include "calib/fit/fit_rule.hpp"
#include "calib/fit/needed_points.hpp"
#include "calib/profile/gqa_curves.hpp"

namespace moesim {

namespace {

// A curve is left out where the curves before it give each of its times from kLongLength tokens on within
// this share; shorter ones are bound by their launch.
constexpr double kCurveTolerance = 0.1;
constexpr double kLongLength = 1024;
// Shapes that get a curve: a power of two of heads, few sequences; of usual head widths, 8 KV heads or one
// for each head. The others are left to the nearest of them.
constexpr double kKvHeads = 8;
constexpr double kMostSequences = 8;

GqaShape shape_of(const Entry& e) {
  return {e.axis("heads"), e.axis("kv_heads"), e.axis("head_dim"), e.axis("length"), e.axis("batch")};
}

bool is_power_of_two(double number) {
  return std::exp2(std::floor(std::log2(number))) == number;
}

bool is_candidate(const GqaShape& shape) {
  const bool is_rare = shape.head_dim != 128 && shape.head_dim != 256;
  const bool is_usual = shape.kv_heads == kKvHeads || shape.kv_heads == shape.heads;
  return (is_rare || is_usual) && is_power_of_two(shape.heads) && shape.batch <= kMostSequences;
}

/// Whether the curves that are already there give back every point.
bool gives_back(const GqaCurves& curves, std::span<const Entry> points) {
  return !curves.empty() && std::all_of(points.begin(), points.end(), [&](const Entry& entry) {
    return entry.axis("length") < kLongLength ||
           std::abs(curves.estimate(shape_of(entry)).seconds / time_of(entry).value() - 1) <= kCurveTolerance;
  });
}

}  // namespace

std::vector<bool> needed_gqa_prefills(std::span<const Entry> points, const GpuFacts& /*gpu*/) {
  const Between between = root_along("length");
  std::vector<bool> out;
  GqaCurves curves;
  for (const auto curve : curves_of(points)) {
    std::vector<bool> kept(curve.size());
    if (is_candidate(shape_of(curve.front())) && !gives_back(curves, curve))
      kept = needed_points(curve, between);
    for (std::size_t i = 0; i < curve.size(); ++i) {
      if (kept[i])
        curves.add(shape_of(curve[i]), {time_of(curve[i]).value(), Provenance::published, "", 0, 0});
    }
    out.insert(out.end(), kept.begin(), kept.end());
  }
  return out;
}

}  // namespace moesim
