#pragma once

#include <span>
#include <vector>

namespace moesim {

/// A place where a quantity is known, by its distances from where it is asked for.
struct SurfacePlace {
  double weight = 1;
  double dx = 0;
  double dy = 0;
};

/// A quantity from places around: a plane by weighted least squares whose slopes a ridge holds small, and of
/// what the values have beside its slopes the weighted median, within the range of the values. Slow outliers
/// of a table so move nothing.
class LocalPlane {
 public:
  explicit LocalPlane(std::vector<SurfacePlace> places);

  /// The quantity where it is asked for. `values` [num_places], not empty.
  [[nodiscard]] double at_origin(std::span<const double> values) const;

 private:
  std::vector<SurfacePlace> places_;
  double total_ = 0;
  double mean_x_ = 0;
  double mean_y_ = 0;
  double xx_ = 0;
  double xy_ = 0;
  double yy_ = 0;
};

}  // namespace moesim
