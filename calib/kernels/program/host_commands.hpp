#pragma once

#include <vector>

#include "calib/kernels/program/program.hpp"
#include "calib/measure/measure_log.hpp"

namespace moesim::calibrate {

/// The cases that the options choose. Throws UsageError for an unknown family.
std::vector<MeasuredCase> cases_of(const Options& options);

/// Writes the profile of the logs to options.profile.
void write_profile(const std::vector<MeasureLog>& logs, const Options& options);

}  // namespace moesim::calibrate
