#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "calib/profile/curves.hpp"

namespace moesim {

inline constexpr std::size_t kPlaceAxes = 7;

/// A shape on the map of its operator.
struct MappedShape {
  /// Logarithms of what its time depends on, each over the length by which times lose their likeness; unused
  /// ones 0.
  std::array<double, kPlaceAxes> place{};
  double flops = 0;
  double bytes = 0;               ///< least HBM traffic
  double along = 0;               ///< the axis that curves run along: a sequence length
  std::array<double, 5> curve{};  ///< the other axes: shapes with equal ones lie on one curve
};

/// Times of one operator, interpolated over all axes at once.
///
/// The carrier is a start plus max(FLOPs / the best rate, bytes / the best bandwidth) of the timed
/// points.
/// The logarithm of time over carrier is kriged: the best linear mean of the kNumKriged nearest points for a
/// Matern 3/2 correlation over the map and a repeat error of 3 % (Matheron 1963; Rasmussen and Williams 2006,
/// section 4.2), never outside of theirs. Far from every point that is their mean: utilisation is held.
class KrigedTimes {
 public:
  /// Kernels whose points are all bound by one of the two still reach these shares of a GPU.
  explicit KrigedTimes(double least_rate = 0, double least_bandwidth = 0)
      : rate_(least_rate), bandwidth_(least_bandwidth) {}

  void add(const MappedShape& shape, const TimeEstimate& estimate);
  [[nodiscard]] bool empty() const { return points_.empty(); }

  /// Exact hit: the point. Grades: interpolated between points of its curve, held beyond their ends, carried
  /// where it has no curve; the latter two count as derived. Points of the best provenance count more. Must
  /// not be empty. Cost: a pass over all points, some microseconds.
  [[nodiscard]] TimeEstimate estimate(const MappedShape& shape) const { return estimate(shape, shape); }
  /// The time of a shape without a point at the utilisation of another shape.
  [[nodiscard]] TimeEstimate estimate(const MappedShape& shape, const MappedShape& utilised) const;
  /// The largest `along` of all points.
  [[nodiscard]] double longest() const { return longest_; }

  static constexpr std::size_t kNumKriged = 16;

 private:
  struct Point {
    MappedShape shape;
    TimeEstimate estimate;
  };
  struct Near {
    double distance2;
    std::size_t point;
    bool operator<(const Near& other) const {
      return distance2 != other.distance2 ? distance2 < other.distance2 : point < other.point;
    }
  };
  [[nodiscard]] double carrier(const MappedShape& shape) const;
  [[nodiscard]] double distance2(const MappedShape& a, Provenance of_a, const Point& b) const;
  [[nodiscard]] std::vector<Near> nearest(const MappedShape& shape) const;
  [[nodiscard]] double kriged_ratio(const std::vector<Near>& near) const;
  [[nodiscard]] Grade grade_of(const MappedShape& shape) const;

  std::vector<Point> points_;
  Provenance best_ = Provenance::assumed;
  double longest_ = 0;
  double start_ = 0;
  double rate_;
  double bandwidth_;
};

}  // namespace moesim
