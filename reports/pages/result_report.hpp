#pragma once

#include "reports/pages/report_input.hpp"

namespace moesim {

/// The report of one result document of any kind: key figures, warnings, summary, and the sections that its
/// parts and records give. Throws SpecError for what is no result document or has a newer schema, RunError
/// for damaged records.
Report result_report(const ReportInput& input);

}  // namespace moesim
