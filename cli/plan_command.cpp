#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/plan_text.hpp"
#include "cli/scenario_arguments.hpp"

namespace moesim::cli {
namespace {

struct PlanArguments {
  ScenarioArguments scenario;
  std::vector<std::string> excluded_sources;
  std::string json;
};

/// The violations of a plan document on standard error; whether there are any.
bool report_violations(const Json& plan, const std::string& file) {
  const auto violations = plan.find("violations");
  if (violations == plan.end()) return false;
  for (const Json& violation : *violations) {
    const auto part = [&](const char* key) { return violation.value(key, std::string()); };
    std::cerr << "moesim: " << Fault{file, part("pointer"), part("what"), part("hint")}.text() << '\n';
  }
  return !violations->empty();
}

ExitCode plan(const PlanArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const Json scenario = read_scenario(file, arguments.scenario);
  RunOptions options;
  options.excluded_sources = excluded_sources(arguments.excluded_sources, scenario, file);
  const Json document = plan_scenario(scenario, file, options);
  write_result(json, document, plan_text(document));
  return report_violations(document, file) ? ExitCode::kInvalid : ExitCode::kDone;
}

}  // namespace

Action declare_plan(CLI::App& app) {
  const auto arguments = std::make_shared<PlanArguments>();
  add_scenario_options(app, arguments->scenario);
  add_exclude_option(app, arguments->excluded_sources);
  add_json_option(app, arguments->json);
  app.footer(
      "Every violation is listed, and the exit code is then 3. With --json, the document holds them as "
      "well.\n"
      "\n"
      "Examples:\n"
      "  moesim plan deepseek-v3-pretrain-2048xh800\n"
      "  moesim plan scenario.json --set /layout/pp=8 --json -");
  return [arguments] { return plan(*arguments); };
}

}  // namespace moesim::cli
