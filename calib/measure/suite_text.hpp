#pragma once

#include <span>
#include <string>

#include "calib/measure/measure_log.hpp"

namespace moesim {

/// One row for each family: cases, how many are quick, estimated time, and the totals.
std::string suite_table(std::span<const MeasuredCase> points, const GpuFacts& gpu);

/// One row for each case: id, regimes, quick.
std::string case_table(std::span<const MeasuredCase> points);

/// The performance row of a record, e.g.
/// "gemm/...  cold  103.5 us (102.9 to 104.1)  TFLOP/s  GB/s", or what became of it.
std::string record_row(const LogRecord& record);

/// The row of a record that was checked only.
std::string check_row(const LogRecord& record);

/// The cases of the groups (all where empty), quick ones only if so wanted. Throws SpecError with the nearest
/// name for a group that no case has; `where` is the option it came from.
std::vector<MeasuredCase> chosen_cases(std::span<const MeasuredCase> points,
                                       std::span<const std::string> groups, bool quick,
                                       const std::string& where);

}  // namespace moesim
