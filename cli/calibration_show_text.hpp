#pragma once

#include <span>
#include <string>

#include "base/json.hpp"
#include "calib/fit/curve_points.hpp"
#include "calib/fit/profile_overview.hpp"

namespace moesim::cli {

/// What a profile holds, an operator a row, its axes and its sources.
std::string overview_text(const CalibrationProfile& profile, std::span<const OperatorOverview> rows);
Json overview_json(const CalibrationProfile& profile, std::span<const OperatorOverview> rows);

/// Points beside their curves, at most 60 of them, and their errors where each is left out.
std::string points_text(const CalibrationProfile& profile, std::span<const CurvePointRow> rows);
Json points_json(const CalibrationProfile& profile, const std::string& op,
                 std::span<const CurvePointRow> rows);

}  // namespace moesim::cli
