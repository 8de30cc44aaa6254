#include "sim/validation/validation.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/results/store.hpp"
#include "sim/validation/case_scenario.hpp"
#include "sim/validation/comparison.hpp"
#include "sim/validation/error_statistics.hpp"
#include "sim/validation/sources_in_use.hpp"

namespace moesim {
namespace {

/// The runs of all cases, one after the other; case i has num_runs[i] of them.
struct Runs {
  std::vector<WorkerRequest> requests;
  std::vector<std::size_t> num_runs;
};

SourceSet excluded_of(const ValidationCase& c, const ValidationOptions& options) {
  SourceSet excluded = options.excluded_sources;
  excluded.insert(c.excluded_sources.begin(), c.excluded_sources.end());
  return excluded;
}

Runs runs_of(const std::vector<ValidationCase>& cases, const ValidationOptions& options) {
  Runs runs;
  for (const ValidationCase& c : cases) {
    const SourceSet excluded = excluded_of(c, options);
    const std::vector<CaseScenario> scenarios = scenarios_of(c);
    require_independence(c, scenarios, excluded);
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      WorkerRequest request;
      request.id = scenarios.size() == 1 ? c.id : fmt::format("{}/{}", c.id, i);
      request.file = scenarios[i].file;
      request.scenario = scenarios[i].document;
      request.seed = options.seed;
      request.exclude_sources.assign(excluded.begin(), excluded.end());
      runs.requests.push_back(std::move(request));
    }
    runs.num_runs.push_back(scenarios.size());
  }
  return runs;
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

std::string source_text(const ValidationCase& c, const PublishedValue& published) {
  const auto source = std::ranges::find(c.sources, published.source, &Source::id);
  return fmt::format("{}, {}", source == c.sources.end() ? published.source : source->title, published.where);
}

Json figure_json(const ValidationCase& c, const Figure& figure) {
  Json json{{"id", c.id}, {"title", c.title}, {"role", std::string(enum_name(c.role))}};
  if (!c.family.empty()) json["family"] = c.family;
  json["metric"] = figure.published.metric;
  json["published"] = figure.published.value;
  json["unit"] = figure.published.unit;
  json["predicted"] = number_or_null(figure.predicted);
  json["error_fraction"] = number_or_null(figure.error_fraction);
  if (figure.low) json["low"] = *figure.low;
  if (figure.high) json["high"] = *figure.high;
  json["tolerance"] = number_or_null(figure.published.tolerance_fraction);
  json["status"] = std::string(enum_name(figure.status));
  json["source"] = source_text(c, figure.published);
  if (!figure.published.note.empty()) json["note"] = figure.published.note;
  if (!figure.message.empty()) json["message"] = figure.message;
  return json;
}

Json summary_json(const std::vector<Figure>& figures) {
  const ErrorStatistics errors = error_statistics(figures);
  const auto count = [&](FigureStatus status) {
    return std::ranges::count(figures, status, &Figure::status);
  };
  return {{"cases", errors.num_cases},
          {"figures", errors.num_figures},
          {"median_abs_error", number_or_null(errors.median_abs_error)},
          {"p90_abs_error", number_or_null(errors.p90_abs_error)},
          {"max_abs_error", number_or_null(errors.max_abs_error)},
          {"passed", count(FigureStatus::pass)},
          {"outside", count(FigureStatus::outside)},
          {"failed", count(FigureStatus::failed)}};
}

}  // namespace

Json validate(std::span<const std::filesystem::path> paths, const ValidationOptions& options) {
  const std::vector<ValidationCase> cases = read_cases(paths);
  const Runs runs = runs_of(cases, options);
  const std::vector<WorkerOutcome> outcomes = options.run(runs.requests);
  Json figures_json = Json::array();
  std::vector<Figure> all;
  auto first = outcomes.begin();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto last = first + static_cast<std::ptrdiff_t>(runs.num_runs[i]);
    for (Figure& figure : compare(cases[i], {first, last})) {
      figures_json.push_back(figure_json(cases[i], figure));
      all.push_back(std::move(figure));
    }
    first = last;
  }
  return {{"schema_version", kSchemaVersion},
          {"kind", "validation"},
          {"cases", std::move(figures_json)},
          {"summary", summary_json(all)}};
}

ExitCode exit_code_of_validation(const Json& document) {
  const Json& summary = document.at("summary");
  if (summary.at("failed") != 0) return ExitCode::kRunFailed;
  return summary.at("outside") != 0 ? ExitCode::kOutsideTolerance : ExitCode::kDone;
}

}  // namespace moesim
