#include "cli/scenario_arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/spec.hpp"
#include "calib/profile/data_file.hpp"
#include "cli/failure.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/plan_text.hpp"
#include "cli/pool_plan_text.hpp"
#include "sim/plan/scenario.hpp"
#include "sim/runner/known_sources.hpp"
#include "sim/runner/priced_scenario.hpp"

namespace moesim::cli {
namespace {

constexpr const char* kScenarioFolder = "workloads/scenarios";
/// Keys that do not change what published figures are about, by kind.
constexpr std::array<std::string_view, 5> kKeepPublished{"/engine", "/gpus", "/seed", "/routing",
                                                         "/published"};
constexpr std::array<std::string_view, 3> kRoutingKeepsPublished{"/record", "/seed", "/published"};

std::string check_change(const std::string& text) {
  return text.find('=') != std::string::npos ? std::string() : "'" + text + "' is not POINTER=VALUE";
}

}  // namespace

void add_change_option(CLI::App& app, const std::string& name, std::vector<std::string>& changes,
                       const std::string& doc) {
  app.add_option(name, changes, doc)
      ->type_name("POINTER=VALUE")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_change, ""));
}

void add_engine_option(CLI::App& app, std::string& engine) {
  std::vector<std::string> engines;
  for (const auto& [kind, name] : EnumNames<EngineKind>::table) engines.emplace_back(name);
  require_one_of(*app.add_option("--engine", engine, "Engine instead of the scenario's"), engines);
}

void add_price_option(CLI::App& app, std::string& price) {
  require_text(*app.add_option("--price", price, "Price of the GPUs: a shipped name or a file")
                    ->type_name("NAME|FILE"));
}

void add_scenario_options(CLI::App& app, ScenarioArguments& arguments) {
  app.add_option("scenario", arguments.path, "Scenario file, name of a shipped one, or - for standard input")
      ->type_name("SCENARIO|-")
      ->required();
  add_change_option(app, "--set", arguments.changes,
                    "Change one value of the scenario, as /layout/ep=32; may be repeated");
  add_engine_option(app, arguments.engine);
  add_price_option(app, arguments.price);
}

std::string scenario_file(const ScenarioArguments& arguments) {
  const std::string& path = arguments.path;
  if (path == "-" || path.ends_with(".json") || path.find('/') != std::string::npos) return path;
  const std::vector<std::string> names = data_names(kScenarioFolder);
  if (std::ranges::find(names, path) != names.end()) {
    return find_data(fmt::format("{}/{}.json", kScenarioFolder, path)).string();
  }
  if (std::filesystem::exists(path)) return path;
  const std::string near = nearest(path, names);
  throw SpecError(path, "", "no such scenario",
                  near.empty() ? fmt::format("shipped: {}; or the path of a file", fmt::join(names, ", "))
                               : fmt::format("did you mean '{}'?", near));
}

bool keeps_published(const ScenarioArguments& arguments, std::string_view kind) {
  const std::span<const std::string_view> keys =
      kind == "routing" ? std::span<const std::string_view>(kRoutingKeepsPublished) : kKeepPublished;
  return std::ranges::all_of(arguments.changes, [keys](const std::string& change) {
    const std::string key = change.substr(0, std::min(change.find('='), change.find('/', 1)));
    return std::ranges::find(keys, key) != keys.end();
  });
}

Json read_scenario(const std::string& file, const ScenarioArguments& arguments) {
  Json scenario = read_document(file);
  std::vector<std::string> changes = arguments.changes;
  if (!arguments.engine.empty()) changes.push_back("/engine=" + arguments.engine);
  const auto priced = [&](Json changed) {
    return arguments.price.empty() ? std::move(changed) : with_price(changed, file, arguments.price);
  };
  if (changes.empty()) return priced(std::move(scenario));
  Json schema;
  write_schema(kind_of(scenario, file).spec(), schema);
  if (!arguments.engine.empty() && !schema["properties"].contains("engine")) {
    throw SpecError(file, "/kind",
                    fmt::format("a {} scenario has no engine to choose", scenario.value("kind", "")),
                    "leave --engine out");
  }
  for (const std::string& change : changes) {
    const std::size_t equals = change.find('=');
    set_at_pointer(scenario, schema, change.substr(0, equals), change.substr(equals + 1));
  }
  return priced(std::move(scenario));
}

SourceSet excluded_sources(const std::vector<std::string>& ids, const Json& scenario,
                           const std::string& file) {
  if (ids.empty()) return {};
  return checked_sources(ids, known_sources(scenario, file), kExcludeOption, "");
}

Json run_named(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink) {
  try {
    return run_scenario(scenario, file, options, sink);
  } catch (const PlanError& error) {
    const Json plan = plan_scenario(scenario, file, options);
    const bool lacks_memory = plan.contains("memory") && !plan["memory"].value("fits", true);
    if (plan.contains("pools")) throw ScenarioPlanError(error, file, unfit_pools_text(plan["pools"]));
    throw ScenarioPlanError(error, file, lacks_memory ? memory_text(plan["memory"]) : "");
  }
}

}  // namespace moesim::cli
