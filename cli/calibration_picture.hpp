#pragma once

#include <span>
#include <string>

#include "calib/fit/curve_points.hpp"
#include "reports/pictures/canvas.hpp"

namespace moesim::cli {

/// Curves of a profile against the points in `rows`, which are of one kind (`title` says which): times above,
/// shares of the GPU's peak below, both along the axis that the curves run along. At most
/// pictures::kMostSeries curves, spread over those with many points; the caption says how many there are, and
/// the held-out errors of the operator. Throws RunError where no point has a time.
std::string curve_picture(const CalibrationProfile& profile, std::span<const CurvePointRow> rows,
                          const std::string& title, pictures::PictureFormat format);

/// "held out: points 2.1 % median, 9.6 % p90 of 812; ..." of an operator; empty where nothing is known.
std::string held_out_text(const CalibrationProfile& profile, std::string_view calibrated);

}  // namespace moesim::cli
