#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "reports/report.hpp"

namespace moesim {

/// A number of whatever unit, in five digits; an empty cell without one.
ReportCell plain_number(const std::optional<double>& number);

/// "4 x 144, tp 2, redundant experts 32" of a pool of a serving layout: units, GPUs of one, what else it
/// says.
std::string pool_text(const Json& pool);

/// "vpp 1, micro_batch 1": what the space of a search varies and none of its best layouts, nor the
/// scenario's own; such settings have no column in ranked_layouts().
std::string alike_settings(const Json& summary);

/// Layouts of a search, [{rank, changes, layout, figures, simgrid?, holds_constraints?}], as rows: the
/// settings that the space varies or the pools of a fleet, then the figures that any of them has. `own`: one
/// more row, where it has figures; may be null.
ReportTable ranked_layouts(const std::string& name, const Json& summary, const Json& entries,
                           const Json* own);

}  // namespace moesim
