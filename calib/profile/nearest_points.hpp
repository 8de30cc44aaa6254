#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "calib/profile/curves.hpp"

namespace moesim {

/// Where a shape lies among timed ones: logarithms of its axes, each times what it counts in distances.
/// Unused coordinates are 0.
using ShapePlace = std::array<double, 5>;

/// Timed points that a rule carries to the shapes between them. What is kept of a point is its time over the
/// carrier, the rule's time of its shape, so that only what the rule misses is interpolated. Points have no
/// order and need no grid: loads of experts and shapes of models have none.
class NearestPoints {
 public:
  /// `carrier` in seconds, above 0.
  void add(const ShapePlace& place, double carrier, const TimeEstimate& estimate);

  [[nodiscard]] bool empty() const { return points_.empty(); }
  [[nodiscard]] std::size_t size() const { return points_.size(); }

  /// An exact hit (place and carrier) is the point itself. Else `carrier` times the mean of time / carrier
  /// over the 6 nearest points (of their logarithms, weighted by the inverse square of the distance):
  /// interpolated where the nearest is within a factor of 2 along its axes, carried beyond. Needs at least
  /// one point.
  [[nodiscard]] TimeEstimate estimate(const ShapePlace& place, double carrier) const;

 private:
  struct Point {
    ShapePlace place;
    double carrier;
    double log_ratio;  ///< of time over carrier
    TimeEstimate estimate;
  };
  struct Neighbour {
    double squared_distance;
    const Point* point;
  };
  [[nodiscard]] std::vector<Neighbour> nearest(const ShapePlace& place) const;

  std::vector<Point> points_;
};

}  // namespace moesim
