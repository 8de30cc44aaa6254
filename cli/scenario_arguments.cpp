#include "cli/scenario_arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "cli/failure.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/plan_text.hpp"
#include "sim/plan/scenario.hpp"
#include "sim/runner/known_sources.hpp"

namespace moesim::cli {
namespace {

std::string check_change(const std::string& text) {
  return text.find('=') != std::string::npos ? std::string() : "'" + text + "' is not POINTER=VALUE";
}

}  // namespace

void add_scenario_options(CLI::App& app, ScenarioArguments& arguments) {
  app.add_option("scenario", arguments.path, "Scenario file, or - for standard input")
      ->type_name("SCENARIO|-")
      ->required();
  app.add_option("--set", arguments.changes,
                 "Change one value of the scenario, as /layout/ep=32; may be repeated")
      ->type_name("POINTER=VALUE")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_change, ""));
  std::vector<std::string> engines;
  for (const auto& [kind, name] : EnumNames<EngineKind>::table) engines.emplace_back(name);
  require_one_of(*app.add_option("--engine", arguments.engine, "Engine instead of the scenario's"), engines);
}

Json read_scenario(const ScenarioArguments& arguments) {
  Json scenario = read_document(arguments.path);
  std::vector<std::string> changes = arguments.changes;
  if (!arguments.engine.empty()) changes.push_back("/engine=" + arguments.engine);
  if (changes.empty()) return scenario;
  Json schema;
  write_schema(kind_of(scenario, arguments.path).spec(), schema);
  for (const std::string& change : changes) {
    const std::size_t equals = change.find('=');
    set_at_pointer(scenario, schema, change.substr(0, equals), change.substr(equals + 1));
  }
  return scenario;
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
    throw ScenarioPlanError(error, file, lacks_memory ? memory_text(plan["memory"]) : "");
  }
}

}  // namespace moesim::cli
