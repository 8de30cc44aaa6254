// Which points of experts, transfers and batched GEMMs a profile keeps: those that the kept ones do not give
// back. They are met in the order of a hash of their names, so that the first ones lie all over the space.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "base/random.hpp"
#include "calib/fit/fit_rule.hpp"
#include "calib/fit/timed_points.hpp"
#include "calib/profile/serving_curves.hpp"

namespace moesim {

namespace {

// Loads are known only as expectations (docs/calibration.md), transfers to a few per cent.
constexpr double kExpertTolerance = 0.06;
constexpr double kLowLatencyTolerance = 0.02;
constexpr double kNormalTolerance = 0.05;
constexpr double kBatchedTolerance = 0.05;

TimeEstimate estimate_of(const Entry& entry) {
  return {time_of(entry).value(), entry.provenance, "", 0, 0};
}

/// Indices of points by the hash of their names.
std::vector<std::size_t> scattered(std::span<const Entry> points) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < points.size(); ++i) order.emplace_back(stream_of(point_name(points[i])), i);
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> out;
  for (const auto& [hash, index] : order) out.push_back(index);
  return out;
}

/// Curves take the points that they miss by more than `tolerance`. [num_points]
template <class Curves, class ShapeOf>
std::vector<bool> missed_by(Curves curves, std::span<const Entry> points, const ShapeOf& shape_of,
                            double tolerance, std::vector<bool> kept) {
  const auto add = [&](std::size_t i) { curves.add(shape_of(points[i]), estimate_of(points[i])); };
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (kept[i]) add(i);
  }
  for (const std::size_t i : scattered(points)) {
    if (kept[i]) continue;
    const std::optional<TimeEstimate> known = curves.estimate(shape_of(points[i]));
    if (known && std::abs(known->seconds / time_of(points[i]).value() - 1) <= tolerance) continue;
    kept[i] = true;
    add(i);
  }
  return kept;
}

std::size_t shortest_of(std::span<const Entry> points) {
  const auto at = std::min_element(points.begin(), points.end(), [](const Entry& a, const Entry& b) {
    return time_of(a).value() < time_of(b).value();
  });
  return static_cast<std::size_t>(at - points.begin());
}

/// Runs of points of one kernel and format, each by `needed`.
template <class Needed>
std::vector<bool> of_each_kernel(std::span<const Entry> points, const Needed& needed) {
  std::vector<bool> out;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin + 1;
    while (end < points.size() && points[end].name == points[begin].name &&
           points[end].format == points[begin].format)
      ++end;
    const auto kept = needed(points.subspan(begin, end - begin));
    out.insert(out.end(), kept.begin(), kept.end());
    begin = end;
  }
  return out;
}

/// Curves whose carrier starts at the shortest time, which is kept for that.
template <class Curves, class ShapeOf>
std::vector<bool> missed_from_shortest(std::span<const Entry> points, const GpuFacts& gpu,
                                       const ShapeOf& shape_of, double tolerance) {
  return of_each_kernel(points, [&](std::span<const Entry> kernel) {
    std::vector<bool> kept(kernel.size());
    const std::size_t first = shortest_of(kernel);
    kept[first] = true;
    return missed_by(Curves(gpu, time_of(kernel[first]).value()), kernel, shape_of, tolerance,
                     std::move(kept));
  });
}

}  // namespace

std::vector<bool> needed_expert_mlps(std::span<const Entry> points, const GpuFacts& gpu) {
  return missed_from_shortest<ExpertCurves>(points, gpu, expert_shape_of, kExpertTolerance);
}

std::vector<bool> needed_batched_gemms(std::span<const Entry> points, const GpuFacts& gpu) {
  return missed_from_shortest<BatchedGemmCurves>(points, gpu, batched_shape_of, kBatchedTolerance);
}

std::vector<bool> needed_transfers(std::span<const Entry> points, const GpuFacts& gpu) {
  const TransferLinks links{gpu.nvlink_bandwidth.value(), kUsualNic};
  const bool is_low_latency = transfer_shape_of(points.front()).is_low_latency();
  return missed_by(TransferCurves(points.front().op, links), points, transfer_shape_of,
                   is_low_latency ? kLowLatencyTolerance : kNormalTolerance,
                   std::vector<bool>(points.size()));
}

}  // namespace moesim
