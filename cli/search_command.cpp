#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "base/progress.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/scenario_arguments.hpp"
#include "cli/serving_search_text.hpp"
#include "sim/planner/search/serving_search.hpp"
#include "sim/planner/search/space_file.hpp"

namespace moesim::cli {
namespace {

struct SearchArguments {
  ScenarioArguments scenario;
  std::optional<int> gpus;
  std::string objective = "throughput";
  std::vector<std::string> constraints;
  std::vector<std::string> axes;
  std::string space;
  std::string json;
  std::optional<std::uint64_t> seed;
  int threads = 1;
  bool exhaustive = false;
};

ServingSearch serving_search_of(const SearchArguments& arguments) {
  ServingSearch search;
  search.gpus = arguments.gpus;
  for (const auto& [objective, name] : EnumNames<Objective>::table) {
    if (name == arguments.objective) search.objective = objective;
  }
  for (const std::string& text : arguments.constraints)
    search.limits.push_back(read_serving_limit(text, "--constraint"));
  search.seed = arguments.seed;
  search.threads = arguments.threads;
  search.exhaustive = arguments.exhaustive;
  const bool own_axes = !arguments.axes.empty() && arguments.space.empty();
  if (!own_axes) {
    search.axes = read_space("serving", arguments.space);
    search.lenient = true;
  }
  for (const std::string& text : arguments.axes) replace_axis(search.axes, read_axis(text, "--vary"));
  return search;
}

ExitCode run(const SearchArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const Json scenario = read_scenario(file, arguments.scenario);
  if (const std::string_view kind = kind_of(scenario, file).name; kind != "serving")
    throw SpecError(file, "/kind", fmt::format("no search among scenarios of kind \"{}\"", kind),
                    "kinds: serving");
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  ServingSearch search = serving_search_of(arguments);
  search.progress = [&](double fraction, std::string_view what) { bar.update(fraction, what); };
  const Json document = search_serving(scenario, file, search);
  write_result(json, document, serving_search_text(document));
  return ExitCode::kDone;
}

}  // namespace

Action declare_search(CLI::App& app) {
  const auto arguments = std::make_shared<SearchArguments>();
  add_scenario_options(app, arguments->scenario);
  require_whole_number(
      *app.add_option("--gpus", arguments->gpus, "GPUs that all pools share")->type_name("N"), 1, 1 << 24);
  std::vector<std::string> objectives;
  for (const auto& [objective, name] : EnumNames<Objective>::table) objectives.emplace_back(name);
  require_one_of(*app.add_option("--objective", arguments->objective, "What the best is best at"),
                 objectives);
  require_text(
      *app.add_option("--constraint", arguments->constraints,
                      "What must hold, NAME<=VALUE or NAME>=VALUE, of times with @mean, @p50, @p90 or "
                      "@p99; repeated")
           ->type_name("LIMIT"));
  require_text(*app.add_option("--vary", arguments->axes,
                               "An axis instead of the shipped space, or beside --space: POINTER=V1,V2,...; "
                               "repeated")
                    ->type_name("AXIS"));
  require_text(*app.add_option("--space", arguments->space, "Axes from a file instead of the shipped space")
                    ->type_name("FILE"));
  app.add_flag("--exhaustive", arguments->exhaustive, "Run everything that fits, without bounds");
  add_json_option(app, arguments->json);
  add_seed_option(app, arguments->seed);
  add_threads_option(app, arguments->threads);
  app.footer(
      "Examples:\n"
      "  moesim search deepseek-v3-fleet-512xh800 --gpus 512 --constraint 'ttft<=5s@p99' --constraint "
      "'tpot<=52ms@p99'\n"
      "  moesim search deepseek-v3-fleet-512xh800 --gpus 512 --objective cost --vary /@prefill_share=0.3,0.4 "
      "--vary /deployment/@decode/batching/max_batch=64,96,128");
  return [arguments] { return run(*arguments); };
}

}  // namespace moesim::cli
