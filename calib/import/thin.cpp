#include "calib/import/thin.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <tuple>

#include "base/math.hpp"
#include "calib/profile/gqa_curves.hpp"

namespace moesim {

namespace {

enum class Along { linear, root, logarithmic };

/// The axis that curves run along, as an index of axes_of(), and how time is interpolated there.
struct CurveRule {
  std::size_t axis;
  Along along;
};
CurveRule rule_of(TimedOperator op) {
  switch (op) {
    case TimedOperator::gemm:
      return {0, Along::linear};
    case TimedOperator::gqa_prefill:
      return {4, Along::root};
    case TimedOperator::expert_mlp:
      return {3, Along::linear};
    default:
      return {1, Along::logarithmic};  // collectives along bytes
  }
}

/// What all points of a curve share.
using CurveKey = std::tuple<TimedOperator, NumberFormat, std::vector<double>>;

CurveKey curve_of(const KernelRow& row) {
  auto axes = row.axes;
  axes.erase(axes.begin() + static_cast<std::ptrdiff_t>(rule_of(row.op).axis));
  return {row.op, row.format, std::move(axes)};
}
double along_of(const KernelRow& row) {
  return row.axes[rule_of(row.op).axis];
}

double interpolated(const KernelRow& low, const KernelRow& high, const KernelRow& at, Along along) {
  const double x0 = along_of(low), x1 = along_of(high), x = along_of(at);
  const auto blend = [](double a, double b, double t) { return a + t * (b - a); };
  const double t = (x - x0) / (x1 - x0);
  switch (along) {
    case Along::linear:
      return blend(low.seconds, high.seconds, t);
    case Along::root: {
      const double root = blend(std::sqrt(low.seconds), std::sqrt(high.seconds), t);
      return root * root;
    }
    case Along::logarithmic:
      return exp_det(blend(log_det(low.seconds), log_det(high.seconds), log_det(x / x0) / log_det(x1 / x0)));
  }
  return 0;
}

/// Marks what `low` and `high` (kept) do not give back, worst first.
void keep_between(std::span<const KernelRow> curve, std::size_t low, std::size_t high, Along along,
                  std::vector<bool>& kept) {
  double worst = kPointTolerance;
  std::size_t at = 0;
  for (std::size_t i = low + 1; i < high; ++i) {
    const double error =
        std::abs(interpolated(curve[low], curve[high], curve[i], along) / curve[i].seconds - 1);
    if (error <= worst) continue;
    worst = error;
    at = i;
  }
  if (at == 0) return;
  kept[at] = true;
  keep_between(curve, low, at, along, kept);
  keep_between(curve, at, high, along, kept);
}

std::vector<KernelRow> needed_points(std::span<const KernelRow> curve) {
  std::vector<bool> kept(curve.size());
  kept.front() = true;
  kept.back() = true;
  keep_between(curve, 0, curve.size() - 1, rule_of(curve.front().op).along, kept);
  std::vector<KernelRow> out;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (kept[i]) out.push_back(curve[i]);
  }
  return out;
}

/// What is left of a whole number once every factor 2 is gone.
long long odd_part(double number) {
  auto odd = static_cast<long long>(number);
  while (odd % 2 == 0) odd /= 2;
  return odd;
}

bool is_gemm_candidate(double m, double n, double k) {
  const double least_depth = n < kFewColumns ? kLeastDepthOfFewColumns : kLeastDepth;
  return odd_part(m) <= 3 && n >= kLeastColumns && k >= least_depth && k <= kMostDepth;
}

bool is_gqa_candidate(const GqaShape& shape) {
  const bool is_rare = shape.head_dim != 128 && shape.head_dim != 256;
  const bool is_usual = shape.kv_heads == kKvHeads || shape.kv_heads == shape.heads;
  return (is_rare || is_usual) && odd_part(shape.heads) == 1 && shape.batch <= kMostSequences;
}

GqaShape gqa_shape(const KernelRow& row) {
  return {row.axes[1], row.axes[2], row.axes[0], row.axes[4], row.axes[3]};
}

bool is_candidate(const KernelRow& row) {
  if (row.op == TimedOperator::gemm) return is_gemm_candidate(row.axes[0], row.axes[1], row.axes[2]);
  return row.op != TimedOperator::gqa_prefill || is_gqa_candidate(gqa_shape(row));
}

/// Whether the curves that are already there give back every point.
bool gives_back(const GqaCurves& curves, std::span<const KernelRow> points) {
  return !curves.empty() && std::all_of(points.begin(), points.end(), [&](const KernelRow& row) {
    return row.axes[4] < kLongLength ||
           std::abs(curves.estimate(gqa_shape(row)).seconds / row.seconds - 1) <= kCurveTolerance;
  });
}

}  // namespace

std::vector<KernelRow> merge_repeated(std::vector<KernelRow> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const KernelRow& a, const KernelRow& b) {
    return std::tuple(curve_of(a), along_of(a), a.seconds) < std::tuple(curve_of(b), along_of(b), b.seconds);
  });
  std::vector<KernelRow> out;
  for (auto& row : rows) {
    const bool repeats = !out.empty() && out.back().op == row.op && out.back().format == row.format &&
                         out.back().axes == row.axes;
    if (repeats) {
      out.back().slowest = std::max(out.back().slowest, row.seconds);
    } else {
      out.push_back(std::move(row));
    }
  }
  return out;
}

bool share_curve(const KernelRow& a, const KernelRow& b) {
  return curve_of(a) == curve_of(b);
}

std::vector<KernelRow> thin(const std::vector<KernelRow>& rows) {
  std::vector<KernelRow> out;
  GqaCurves gqa;
  for (std::size_t begin = 0; begin < rows.size();) {
    const CurveKey key = curve_of(rows[begin]);
    std::vector<KernelRow> curve;
    for (; begin < rows.size() && curve_of(rows[begin]) == key; ++begin) {
      if (is_candidate(rows[begin])) curve.push_back(rows[begin]);
    }
    if (curve.empty()) continue;
    const bool is_gqa = curve.front().op == TimedOperator::gqa_prefill;
    if (is_gqa && gives_back(gqa, curve)) continue;
    for (auto& row : needed_points(curve)) {
      if (is_gqa) gqa.add(gqa_shape(row), {row.seconds, Provenance::published, "", 0, 0});
      out.push_back(std::move(row));
    }
  }
  return out;
}

}  // namespace moesim
