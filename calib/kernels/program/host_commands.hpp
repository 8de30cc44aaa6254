#pragma once

#include <vector>

#include "calib/kernels/program/program.hpp"
#include "calib/measure/measure_log.hpp"
#include "calib/measure/rank_needs.hpp"

namespace moesim::calibrate {

/// The cases that the options choose of those that so many ranks and nodes run. Throws UsageError for an
/// unknown family.
std::vector<MeasuredCase> cases_of(const Options& options, const RankNeeds& needs = {});

/// Writes the profile of the logs to options.profile.
void write_profile(const std::vector<MeasureLog>& logs, const Options& options);

}  // namespace moesim::calibrate
