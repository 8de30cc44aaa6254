#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "base/progress.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/scenario_arguments.hpp"
#include "reports/csv.hpp"
#include "reports/sensitivity_table.hpp"
#include "sim/runner/summary_metric.hpp"

namespace moesim::cli {
namespace {

struct SensitivityArguments {
  ScenarioArguments scenario;
  std::string figure;
  std::size_t top = 20;
  std::vector<std::string> excluded_sources;
  std::optional<std::uint64_t> seed;
  int threads = 1;
  std::string json;
  std::string csv;
};

Json vary(const SensitivityArguments& arguments, const std::string& file) {
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  const Json scenario = read_scenario(file, arguments.scenario);
  RunOptions options;
  options.seed = arguments.seed;
  options.threads = arguments.threads;
  options.excluded_sources = excluded_sources(arguments.excluded_sources, scenario, file);
  options.progress = [&](double fraction, std::string_view what) { bar.update(fraction, what); };
  try {
    return scenario_sensitivity(scenario, file, options, arguments.figure);
  } catch (const UnknownMetric& error) {
    throw UsageError(fmt::format("--figure: {}", error.what()));
  }
}

ExitCode show(const SensitivityArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  if (arguments.json == "-" && arguments.csv == "-") {
    throw UsageError("only one of --json and --csv may be -");
  }
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}, {"--csv", arguments.csv}});
  Output json(arguments.json);
  Output csv(arguments.csv);
  const Json document = vary(arguments, file);
  if (csv.wanted()) {
    csv.stream() << sensitivity_csv(document);
    csv.commit();
  }
  if (json.wanted()) {
    json.stream() << write_json(document);
    json.commit();
  }
  if (!json.is_stdout() && !csv.is_stdout()) print(sensitivity_table(document, arguments.top));
  return ExitCode::kDone;
}

}  // namespace

Action declare_sensitivity(CLI::App& app) {
  const auto arguments = std::make_shared<SensitivityArguments>();
  add_scenario_options(app, arguments->scenario);
  CLI::Option* figure = app.add_option("--figure", arguments->figure,
                                       "Dotted key of the summary; the kind's main figure where absent")
                            ->type_name("KEY");
  require_text(*figure);
  CLI::Option* top = app.add_option("--top", arguments->top, "Rows of the table; 0 shows all")
                         ->type_name("N")
                         ->capture_default_str();
  require_whole_number(*top, 0, std::numeric_limits<int>::max());
  add_exclude_option(app, arguments->excluded_sources);
  add_seed_option(app, arguments->seed);
  add_threads_option(app, arguments->threads);
  add_json_option(app, arguments->json);
  add_file_option(app, "--csv", arguments->csv, "Write the inputs as CSV, a line each");
  app.footer(
      "Every constant and input alone goes to either end of its interval, by 10 % where none is stated.\n"
      "\n"
      "Examples:\n"
      "  moesim sensitivity deepseek-v3-pretrain-2048xh800\n"
      "  moesim sensitivity scenario.json --figure mfu_causal --top 5 --csv tornado.csv");
  return [arguments] { return show(*arguments); };
}

}  // namespace moesim::cli
