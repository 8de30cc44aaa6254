#pragma once

#include <QStringList>

#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// Every point of the curves with these names, of one result or two, as it was recorded: rows "result, curve,
/// unit, time_s, value" (of routing "step") below a heading; empty for none.
QString seriesCsv(const RunDocument& first, const RunDocument* second, const QStringList& names);

/// Statistics and limits of the latencies of one result or two, and the share of requests or tokens below
/// each edge of their distributions: rows "result, latency, what, share, time_s" below a heading; empty for
/// none.
QString latencyCsv(const RunDocument& first, const RunDocument* second);

}  // namespace moesim::gui
