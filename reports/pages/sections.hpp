#pragma once

#include "reports/pages/report_input.hpp"

/// Sections of a report of one result. A section without blocks does not apply to it and is left out; one
/// that applies but whose figures the result lacks says so. They throw RunError for damaged records.
namespace moesim {

void add_key_figures(const ReportInput& input, ReportSection& section);
void add_warnings(const ReportInput& input, ReportSection& section);
void add_summary(const ReportInput& input, ReportSection& section);
void add_waterfall(const ReportInput& input, ReportSection& section);
void add_pipeline(const ReportInput& input, ReportSection& section);
void add_memory(const ReportInput& input, ReportSection& section);
void add_expert_load(const ReportInput& input, ReportSection& section);
void add_links(const ReportInput& input, ReportSection& section);
void add_latency(const ReportInput& input, ReportSection& section);
void add_curves(const ReportInput& input, ReportSection& section);
void add_search(const ReportInput& input, ReportSection& section);
void add_pareto(const ReportInput& input, ReportSection& section);
void add_capacity(const ReportInput& input, ReportSection& section);
void add_sensitivity(const ReportInput& input, ReportSection& section);
void add_intervals(const ReportInput& input, ReportSection& section);
void add_inputs(const ReportInput& input, ReportSection& section);
void add_origin(const ReportInput& input, ReportSection& section);
void add_constants(const ReportInput& input, ReportSection& section);
void add_other_parts(const ReportInput& input, ReportSection& section);

}  // namespace moesim
