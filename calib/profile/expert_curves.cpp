#include "calib/profile/expert_curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr double kTile = 64;
constexpr std::size_t kNumLoads = 16;  // experts that stand for all in padded_rows()
constexpr double kBandwidthShare = 1 / 1.2;
constexpr double kPeakShare = 1 / 1.7;
constexpr double kSkewWeight = 0.5;
constexpr double kHalf = 2;  // bytes of BF16

double optional_axis(const Entry& entry, const char* name) {
  const auto at = entry.axes.find(name);
  return at == entry.axes.end() ? 0 : at->second;
}

ShapePlace place_of(const ExpertShape& shape) {
  const double mean = shape.rows / shape.experts;
  return {log_det(mean), log_det(shape.experts), log_det(shape.hidden), log_det(shape.inter),
          kSkewWeight * log_det(std::max(shape.max_rows / mean, 1.0))};
}

}  // namespace

double ExpertShape::weight_bytes() const {
  return bytes_per_element(format) * 3 * experts * hidden * inter;
}

double ExpertShape::padded_rows() const {
  const double mean = rows / experts;
  const double fullest = std::max(max_rows, mean);
  const double exponent = fullest / mean - 1;  // the mean of (1 - x)^g is 1 / (1 + g)
  std::array<double, kNumLoads> loads{};
  for (std::size_t i = 0; i < kNumLoads; ++i) {
    const double rest = 1 - (static_cast<double>(i) + 0.5) / kNumLoads;
    loads[i] = exp_det(exponent * log_det(rest));
  }
  const double scale = mean * kNumLoads / std::accumulate(loads.begin(), loads.end(), 0.0);
  double sum = 0;
  for (const double load : loads) sum += std::ceil(std::max(scale * load, 1.0) / kTile) * kTile;
  return experts * sum / kNumLoads;
}

double expert_carrier(const ExpertShape& shape, const GpuFacts& gpu, double start) {
  const double bandwidth = gpu.hbm_bandwidth.value();
  const double element = bytes_per_element(shape.format);
  const double weights = shape.weight_bytes() / (kBandwidthShare * bandwidth);
  const double gemms =
      6 * shape.padded_rows() * shape.hidden * shape.inter / (kPeakShare * gpu.peak_of(shape.format).value());
  // rows in, gate and up out and in, the activation out and in, rows out
  const double rows = shape.rows * (shape.hidden * (element + kHalf) + 4 * kHalf * shape.inter) / bandwidth;
  const double tokens = shape.tokens * 2 * kHalf * shape.hidden / bandwidth;
  const double work = rows + tokens + std::sqrt(weights * weights + gemms * gemms);
  return std::sqrt(start * start + work * work);
}

void ExpertCurves::add(const ExpertShape& shape, const TimeEstimate& estimate) {
  points_.add(place_of(shape), expert_carrier(shape, gpu_, start_), estimate);
}

TimeEstimate ExpertCurves::estimate(const ExpertShape& shape) const {
  return points_.estimate(place_of(shape), expert_carrier(shape, gpu_, start_));
}

ExpertShape expert_shape_of(const Entry& entry) {
  return {entry.format,
          entry.axis("hidden"),
          entry.axis("inter"),
          entry.axis("experts"),
          entry.axis("rows"),
          optional_axis(entry, "max_rows"),
          optional_axis(entry, "tokens")};
}

}  // namespace moesim
