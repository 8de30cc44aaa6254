#include "sim/validation/validation.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/results/store.hpp"
#include "sim/runner/known_sources.hpp"
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

/// The sources that each case leaves out: its own, and those of the call that its scenarios know. Throws
/// SpecError for one that a case names and none of its scenarios knows, and for one of the call that no case
/// knows.
std::vector<SourceSet> excluded_of(const std::vector<ValidationCase>& cases,
                                   const std::vector<std::vector<CaseScenario>>& scenarios,
                                   const SourceSet& of_call) {
  std::vector<SourceSet> excluded;
  SourceSet known_to_any;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SourceSet known;
    if (!of_call.empty() || !cases[i].excluded_sources.empty()) {
      for (const CaseScenario& scenario : scenarios[i]) {
        known.merge(known_sources(parse_json(scenario.document.text, scenario.file), scenario.file));
      }
    }
    excluded.push_back(checked_sources(cases[i].excluded_sources, known, cases[i].path, "/excluded_sources"));
    std::ranges::set_intersection(of_call, known, std::inserter(excluded.back(), excluded.back().end()));
    known_to_any.merge(known);
  }
  checked_sources({of_call.begin(), of_call.end()}, known_to_any, "--exclude-source", "");
  return excluded;
}

Runs runs_of(const std::vector<ValidationCase>& cases, const ValidationOptions& options) {
  std::vector<std::vector<CaseScenario>> scenarios;
  for (const ValidationCase& c : cases) scenarios.push_back(scenarios_of(c));
  const std::vector<SourceSet> excluded = excluded_of(cases, scenarios, options.excluded_sources);
  Runs runs;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    require_independence(cases[i], scenarios[i], excluded[i]);
    for (std::size_t run = 0; run < scenarios[i].size(); ++run) {
      WorkerRequest request;
      request.id = scenarios[i].size() == 1 ? cases[i].id : fmt::format("{}/{}", cases[i].id, run);
      request.file = scenarios[i][run].file;
      request.scenario = scenarios[i][run].document;
      request.seed = options.seed;
      request.exclude_sources.assign(excluded[i].begin(), excluded[i].end());
      runs.requests.push_back(std::move(request));
    }
    runs.num_runs.push_back(scenarios[i].size());
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

void add_range(const Figure& figure, Json& json) {
  json["variants"] = figure.num_variants;
  if (!figure.low) return;
  json["low"] = *figure.low;
  json["high"] = *figure.high;
  json["low_variant"] = figure.low_variant;
  json["high_variant"] = figure.high_variant;
}

/// The variants of a range that could not be.
Json skipped_json(const std::string& id, const std::vector<SkippedVariant>& skipped) {
  Json json = Json::array();
  for (const SkippedVariant& variant : skipped) {
    json.push_back({{"id", id}, {"variant", variant.label}, {"reason", variant.reason}});
  }
  return json;
}

Json figure_json(const ValidationCase& c, const Figure& figure) {
  Json json{{"id", c.id}, {"title", c.title}, {"role", std::string(enum_name(c.role))}};
  if (!c.family.empty()) json["family"] = c.family;
  json["metric"] = figure.published.metric;
  json["published"] = figure.published.value;
  json["unit"] = figure.published.unit;
  json["predicted"] = number_or_null(figure.predicted);
  json["error_fraction"] = number_or_null(figure.error_fraction);
  if (figure.role == CaseRole::range) add_range(figure, json);
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
  Json skipped = Json::array();
  std::vector<Figure> all;
  auto first = outcomes.begin();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto last = first + static_cast<std::ptrdiff_t>(runs.num_runs[i]);
    Comparison comparison = compare(cases[i], {first, last});
    for (Json& variant : skipped_json(cases[i].id, comparison.skipped)) skipped.push_back(std::move(variant));
    for (Figure& figure : comparison.figures) {
      figures_json.push_back(figure_json(cases[i], figure));
      all.push_back(std::move(figure));
    }
    first = last;
  }
  Json document{
      {"schema_version", kSchemaVersion}, {"kind", "validation"}, {"cases", std::move(figures_json)}};
  if (!skipped.empty()) document["skipped_variants"] = std::move(skipped);
  document["summary"] = summary_json(all);
  return document;
}

ExitCode exit_code_of_validation(const Json& document) {
  const Json& summary = document.at("summary");
  if (summary.at("failed") != 0) return ExitCode::kRunFailed;
  return summary.at("outside") != 0 ? ExitCode::kOutsideTolerance : ExitCode::kDone;
}

}  // namespace moesim
