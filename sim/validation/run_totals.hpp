#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "sim/validation/case_runs.hpp"

namespace moesim {

/// Figures of a whole run: "total.steps", "total.tokens", "total.time_s", "total.days", "total.gpu_hours",
/// "total.cost_usd".
std::span<const std::string_view> total_metrics();

/// Whether a metric is of a whole run: it begins with "total.".
bool is_total_metric(std::string_view metric);

/// The total of result documents of the phases' steps, in the order of both: the sum over phases of the
/// number of steps times the figure of one step, which takes step_time_s on all GPUs of the cluster. Steady
/// steps only: no restart, checkpoint or evaluation. Throws RunError for an unknown total, with the nearest.
double run_total(const std::string& metric, const std::vector<RunPhase>& phases,
                 const std::vector<Json>& results);

}  // namespace moesim
