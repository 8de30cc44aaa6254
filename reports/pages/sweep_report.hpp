#pragma once

#include <string>

#include "reports/report.hpp"
#include "sim/results/sweep_reader.hpp"

namespace moesim {

/// The report of a sweep, finished or not: counts, the best cases, each axis against the figure that cases
/// are ranked by, every case, and what failed. One pass over the cases; memory holds their changes and one
/// number each. `figure`: dotted path into a summary, `higher_is_better` of it. Throws RunError for a damaged
/// file.
Report sweep_report(const SweepReader& sweep, const std::string& source, const std::string& figure,
                    bool higher_is_better);

}  // namespace moesim
