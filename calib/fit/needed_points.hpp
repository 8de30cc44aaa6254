#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// A point is left out where its neighbours along the curve give its time within this share.
inline constexpr double kPointTolerance = 0.03;

/// The time that two points of a curve give to a third between them.
using Between = std::function<double(const Entry& low, const Entry& high, const Entry& at)>;

/// Times along `axis` between two points: linear, linear in the square root of time, and log-log.
Between linear_along(std::string_view axis);
Between root_along(std::string_view axis);
Between log_log_along(std::string_view axis);

/// The runs of points that share a curve, in their order.
std::vector<std::span<const Entry>> curves_of(std::span<const Entry> points);

/// Which points of one curve are needed so that `between` gives back each other one within `tolerance`: both
/// ends, then the worst first. [num_points]
std::vector<bool> needed_points(std::span<const Entry> curve, const Between& between,
                                double tolerance = kPointTolerance);

/// needed_points() of every curve of `points`. [num_points]
std::vector<bool> needed_of_each_curve(std::span<const Entry> points, const Between& between,
                                       double tolerance = kPointTolerance);

}  // namespace moesim
