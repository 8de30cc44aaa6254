#pragma once

#include <optional>
#include <string>

#include "calib/import/trace/trace_import.hpp"
#include "cli/scenario_arguments.hpp"

namespace moesim::cli {

/// Seconds of a step by what the GPU did.
struct StepTimes {
  double step_s = 0;
  double computation_s = 0;
  double exposed_s = 0;  ///< communication while nothing computed
  double idle_s = 0;     ///< of a prediction: the pipeline's bubble
};

/// A traced step beside what is predicted of the scenario that describes the job: as it stands, and with the
/// private profile and stack.
struct JobComparison {
  StepTimes traced;
  StepTimes before;
  StepTimes after;
};

/// Runs the scenario twice; `profile` and `stack` are paths of written files, `stack` empty where none was
/// fitted. Throws what a run throws, SpecError for a scenario that is no training.
JobComparison compare_job(const StepLanes& lanes, const ScenarioArguments& scenario,
                          const std::string& profile, const std::string& stack);

std::string trace_report_text(const TraceReport& report, const std::optional<JobComparison>& job);
Json trace_report_json(const TraceReport& report, const std::optional<JobComparison>& job);

}  // namespace moesim::cli
