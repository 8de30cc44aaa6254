#include "calib/profile/gemm_surface.hpp"

#include <algorithm>
#include <utility>

#include "calib/profile/weighted_median.hpp"

namespace moesim {

namespace {

// On the mean square of the distances (in logarithms) to the places.
constexpr double kRidge = 0.02;

}  // namespace

LocalPlane::LocalPlane(std::vector<SurfacePlace> places) : places_(std::move(places)) {
  for (const auto& p : places_) {
    total_ += p.weight;
    mean_x_ += p.weight * p.dx;
    mean_y_ += p.weight * p.dy;
  }
  mean_x_ /= total_;
  mean_y_ /= total_;
  for (const auto& p : places_) {
    const double x = p.dx - mean_x_, y = p.dy - mean_y_;
    xx_ += p.weight * x * x;
    xy_ += p.weight * x * y;
    yy_ += p.weight * y * y;
  }
  xx_ += kRidge * total_;
  yy_ += kRidge * total_;
}

double LocalPlane::at_origin(std::span<const double> values) const {
  double mean = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) mean += places_[i].weight * values[i];
  mean /= total_;
  double x = 0, y = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const double v = places_[i].weight * (values[i] - mean);
    x += v * (places_[i].dx - mean_x_);
    y += v * (places_[i].dy - mean_y_);
  }
  const double determinant = xx_ * yy_ - xy_ * xy_;
  const double slope_x = (x * yy_ - y * xy_) / determinant;
  const double slope_y = (y * xx_ - x * xy_) / determinant;
  std::vector<std::pair<double, double>> levels;
  levels.reserve(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i)
    levels.emplace_back(values[i] - slope_x * places_[i].dx - slope_y * places_[i].dy, places_[i].weight);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return std::clamp(weighted_median(std::move(levels)), *low, *high);
}

}  // namespace moesim
