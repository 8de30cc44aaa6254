#include "calib/fit/needed_points.hpp"

#include <cmath>

#include "base/math.hpp"
#include "calib/fit/fit_rule.hpp"
#include "calib/fit/timed_points.hpp"

namespace moesim {

namespace {

double blend(double a, double b, double t) {
  return a + t * (b - a);
}

double seconds_of(const Entry& entry) {
  return time_of(entry).value();
}

/// Marks what `low` and `high` (kept) do not give back, worst first.
void keep_between(std::span<const Entry> curve, std::size_t low, std::size_t high, const Between& between,
                  double tolerance, std::vector<bool>& kept) {
  double worst = tolerance;
  std::size_t at = 0;
  for (std::size_t i = low + 1; i < high; ++i) {
    const double error = std::abs(between(curve[low], curve[high], curve[i]) / seconds_of(curve[i]) - 1);
    if (error <= worst) continue;
    worst = error;
    at = i;
  }
  if (at == 0) return;
  kept[at] = true;
  keep_between(curve, low, at, between, tolerance, kept);
  keep_between(curve, at, high, between, tolerance, kept);
}

}  // namespace

Between linear_along(std::string_view axis) {
  return [axis](const Entry& low, const Entry& high, const Entry& at) {
    const double x0 = low.axis(axis), x1 = high.axis(axis);
    return blend(seconds_of(low), seconds_of(high), (at.axis(axis) - x0) / (x1 - x0));
  };
}

Between root_along(std::string_view axis) {
  return [axis](const Entry& low, const Entry& high, const Entry& at) {
    const double x0 = low.axis(axis), x1 = high.axis(axis);
    const double root =
        blend(std::sqrt(seconds_of(low)), std::sqrt(seconds_of(high)), (at.axis(axis) - x0) / (x1 - x0));
    return root * root;
  };
}

Between log_log_along(std::string_view axis) {
  return [axis](const Entry& low, const Entry& high, const Entry& at) {
    const double x0 = low.axis(axis);
    return exp_det(blend(log_det(seconds_of(low)), log_det(seconds_of(high)),
                         log_det(at.axis(axis) / x0) / log_det(high.axis(axis) / x0)));
  };
}

std::vector<std::span<const Entry>> curves_of(std::span<const Entry> points) {
  std::vector<std::span<const Entry>> out;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin + 1;
    while (end < points.size() && share_curve(points[begin], points[end])) ++end;
    out.push_back(points.subspan(begin, end - begin));
    begin = end;
  }
  return out;
}

std::vector<bool> needed_points(std::span<const Entry> curve, const Between& between, double tolerance) {
  std::vector<bool> kept(curve.size());
  if (curve.empty()) return kept;
  kept.front() = true;
  kept.back() = true;
  keep_between(curve, 0, curve.size() - 1, between, tolerance, kept);
  return kept;
}

std::vector<bool> needed_of_each_curve(std::span<const Entry> points, const Between& between,
                                       double tolerance) {
  std::vector<bool> out;
  for (const auto curve : curves_of(points)) {
    const auto kept = needed_points(curve, between, tolerance);
    out.insert(out.end(), kept.begin(), kept.end());
  }
  return out;
}

std::vector<bool> needed_in_log_log(std::span<const Entry> points, const GpuFacts& /*gpu*/) {
  return needed_of_each_curve(points, log_log_along("bytes"));
}

}  // namespace moesim
