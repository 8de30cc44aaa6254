#pragma once

#include <span>
#include <string>

#include "calib/measure/measure_log.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim {

/// A calibration file from the logs of one run, one log a rank: measured entries, with the time of the
/// slowest rank sample by sample. Cold figures are isolated entries. Of several variants of one point the
/// fastest that passed its check stands, named in `kernel`; settings that are no axis of the operator (skew)
/// make an entry of their own, named after them. Records that are not measured are left out.
/// Throws CalibrationError for logs that are not of one run, records whose ranks disagree on the samples, a
/// GPU whose facts are in no shipped profile, or logs without a measured case.
ProfileFile measured_profile(std::span<const MeasureLog> logs, const std::string& name);

}  // namespace moesim
