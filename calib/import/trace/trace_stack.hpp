#pragma once

#include "calib/import/trace/trace_import.hpp"

namespace moesim {

/// The stack with the constants that a trace shows, each measured with [p10, p90] as its interval; the gap
/// and the launch are written to `report` as well.
Stack fitted_stack(Stack stack, const Trace& trace, const TracedSteps& steps, const TraceImport& import,
                   TraceReport& report);

}  // namespace moesim
