#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/spec_types.hpp"
#include "calib/profile/constant.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/results/span_names.hpp"

namespace moesim {

class RequestSink;

/// Wall time by part of a run, for --stats; it never reaches a result.
struct RunStats {
  std::vector<std::pair<std::string, double>> parts_s;
  std::uint64_t num_operations = 0;
};

/// How a scenario is run, besides what it says itself.
struct RunOptions {
  std::optional<std::uint64_t> seed;  ///< instead of the scenario's
  int threads = 1;                    ///< the result does not depend on it
  SourceSet excluded_sources;
  bool waterfall = false;                                                ///< split the result by cause
  bool uncertainty = false;                                              ///< p10 and p90 by seeded replays
  std::function<void(double fraction, std::string_view what)> progress;  ///< fraction in [0, 1]; may be empty
  RequestSink* requests = nullptr;  ///< takes every request of a kind that has_requests
  RunStats* stats = nullptr;
};

/// A kind of scenario: what its document holds and how it becomes a result. Documents are named by `file` in
/// errors, and paths in them are relative to it. Adding a kind is one row of scenario_kinds() and its room.
struct ScenarioKind {
  std::string_view name;
  std::string_view doc;
  const SpecDescription& (*spec)();
  /// The checked document with every default. Throws SpecError.
  Json (*complete)(const Json& scenario, const std::string& file);
  /// The result document: the summary with its header. Spans go to `sink`. Throws SpecError,
  /// CalibrationError, PlanError and RunError.
  Json (*run)(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink);
  /// Violations ([{pointer, what, hint}]), memory, process groups and topology, without running. A layout
  /// that cannot be laid out has the key "violations" alone. Throws SpecError and CalibrationError.
  Json (*plan)(const Json& scenario, const std::string& file, const RunOptions& options);
  /// What each input makes of one figure of the summary, see sensitivity(). Throws as `run` does.
  Json (*sensitivity)(const Json& scenario, const std::string& file, const RunOptions& options,
                      const std::string& figure);
  SpanNames (*span_names)();     ///< what the numbers in its spans mean
  std::string_view main_figure;  ///< of the summary, where none is asked for
  bool has_waterfall = false;    ///< a step time that `run` splits by cause where RunOptions asks for it
  bool has_requests = false;     ///< records of single requests, for RunOptions::requests
  bool has_costs = false;        ///< its summary follows the prices of its clusters
};

std::span<const ScenarioKind> scenario_kinds();

/// The kind that a scenario document names. Throws SpecError at /kind, with the nearest name.
const ScenarioKind& kind_of(const Json& scenario, const std::string& file);

/// kind_of(scenario).run with warn_of_unknown_figures(): what `moesim run`, `worker` and `validate` do.
/// Throws SpecError where requests are asked of a kind that has none, RunError for a result that is not
/// finite.
Json run_scenario(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink);
Json plan_scenario(const Json& scenario, const std::string& file, const RunOptions& options);
/// The document of `moesim sensitivity`: {schema_version, kind: "sensitivity", scenario, moesim_version}
/// and the keys of sensitivity(). An empty `figure` is the kind's main figure.
Json scenario_sensitivity(const Json& scenario, const std::string& file, const RunOptions& options,
                          const std::string& figure);

/// What the spans of training mean.
SpanNames span_names();

}  // namespace moesim
