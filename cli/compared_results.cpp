#include "cli/compared_results.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/spec.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/scenario_arguments.hpp"
#include "cli/worker_children.hpp"
#include "sim/results/comparison.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSet = "--set";  // what base/spec's faults of a change name
constexpr std::string_view kVary = "--vary";

/// What stands in one column, before its scenario is run.
struct Column {
  std::string item;  ///< as the user gave it
  std::string variation;
  std::string file;
  Json document;  ///< a result, or a scenario with its changes
  bool is_result = false;

  /// "deepseek-v3-pretrain-2048xh800 /layout/ep=32".
  [[nodiscard]] std::string short_name() const {
    const fs::path path(item);
    const std::string stem =
        path.has_filename() ? path.stem().string() : path.parent_path().filename().string();
    return variation.empty() ? stem : stem + ' ' + variation;
  }
};

Json changed_scenario(const Column& column, const CompareArguments& arguments) {
  ScenarioArguments scenario{column.item, arguments.changes, arguments.engine, arguments.price};
  if (column.variation.empty()) return read_scenario(column.file, scenario);
  scenario.changes.push_back(column.variation);
  try {
    return read_scenario(column.file, scenario);
  } catch (const SpecError& error) {  // of the variation: the scenario took the other changes without it
    if (error.file != kSet) throw;
    std::string hint = error.hint;
    if (const std::size_t at = hint.find(kSet); at != std::string::npos) hint.replace(at, kSet.size(), kVary);
    throw SpecError(std::string(kVary), error.pointer, error.what_text, hint);
  }
}

/// Throws UsageError for an option that changes scenarios where none is one.
void check_options(const std::vector<Column>& columns, const CompareArguments& arguments) {
  const bool changes =
      !arguments.changes.empty() || !arguments.engine.empty() || !arguments.price.empty() || arguments.seed;
  if (changes && std::ranges::all_of(columns, &Column::is_result))
    throw UsageError("--set, --engine, --price and --seed change scenarios, and these are results");
}

std::vector<Column> columns_of(const CompareArguments& arguments) {
  std::vector<Column> columns;
  for (const std::string& item : arguments.items) {
    Column column{item, "", compared_file(item), {}, false};
    column.document = read_document(column.file);
    column.is_result = is_result_document(column.document);
    if (!column.is_result) column.document = changed_scenario(column, arguments);
    columns.push_back(std::move(column));
  }
  check_options(columns, arguments);
  const auto base = std::ranges::find(columns, false, &Column::is_result);
  if (!arguments.varied.empty() && base == columns.end())
    throw UsageError("--vary changes a scenario, and these are results");
  const Column first = base == columns.end() ? Column() : *base;
  for (const std::string& variation : arguments.varied) {
    Column column{first.item, variation, first.file, {}, false};
    column.document = changed_scenario(column, arguments);
    columns.push_back(std::move(column));
  }
  return columns;
}

/// Short names where each is one of its own, else what the user gave, numbered where it is the same.
std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) {
    const auto same = std::ranges::count_if(
        columns, [&](const Column& other) { return other.short_name() == column.short_name(); });
    std::string name = same == 1 ? column.short_name() : column.item;
    if (same > 1 && !column.variation.empty()) name += ' ' + column.variation;
    const auto before = std::ranges::count(names, name);
    names.push_back(before == 0 ? name : fmt::format("{} ({})", name, before + 1));
  }
  return names;
}

/// The faults of every scenario that could not be run. A run that failed without one of its own fault ends
/// the program as a failed run.
void throw_faults(const std::vector<WorkerOutcome>& outcomes) {
  std::vector<SpecIssue> issues;
  for (const WorkerOutcome& outcome : outcomes) {
    if (outcome.result) continue;
    if (outcome.exit_code != static_cast<int>(ExitCode::kInvalid)) throw RunError(outcome.message);
    for (std::size_t at = 0; at <= outcome.message.size();) {
      const std::size_t end = std::min(outcome.message.find('\n', at), outcome.message.size());
      issues.push_back({"", outcome.message.substr(at, end - at), ""});
      at = end + 1;
    }
  }
  if (!issues.empty()) throw SpecErrors("", std::move(issues));
}

/// Runs what is no result yet, and adds the memory of its plan.
void run_scenarios(const std::vector<Column>& columns, const CompareArguments& arguments, Json& rows) {
  std::vector<WorkerRequest> requests;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].is_result) continue;
    WorkerRequest request;
    request.id = rows[i]["name"].get<std::string>();
    request.file = columns[i].file;
    request.scenario = RawJson{write_json(columns[i].document, -1)};
    request.seed = arguments.seed;
    request.waterfall = kind_of(columns[i].document, columns[i].file).has_waterfall;
    requests.push_back(std::move(request));
    places.push_back(i);
  }
  if (requests.empty()) return;
  const std::vector<WorkerOutcome> outcomes = run_in_workers(requests, arguments.threads);
  throw_faults(outcomes);
  for (std::size_t i = 0; i < places.size(); ++i) {
    Json& row = rows[places[i]];
    row["result"] = parse_json(outcomes[i].result->text, requests[i].file);
    const Json plan = plan_scenario(columns[places[i]].document, requests[i].file, {});
    if (const auto memory = plan.find("memory"); memory != plan.end()) row["memory"] = *memory;
  }
}

}  // namespace

std::string compared_file(const std::string& item) {
  std::error_code ignored;
  if (fs::is_directory(item, ignored)) return (fs::path(item) / "summary.json").string();
  return scenario_file({item, {}, "", ""});
}

Json load_compared(const CompareArguments& arguments) {
  const std::vector<Column> columns = columns_of(arguments);
  const std::vector<std::string> names = names_of(columns);
  Json rows = Json::array();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    rows.push_back({{"name", names[i]}, {"file", columns[i].file}, {"result", columns[i].document}});
  }
  run_scenarios(columns, arguments, rows);
  return rows;
}

}  // namespace moesim::cli
