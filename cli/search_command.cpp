#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <functional>
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
#include "cli/training_search_text.hpp"
#include "cli/worker_children.hpp"
#include "sim/planner/search/serving_search.hpp"
#include "sim/planner/search/space_file.hpp"
#include "sim/planner/search/training_search.hpp"

namespace moesim::cli {
namespace {

struct SearchArguments {
  ScenarioArguments scenario;
  std::optional<int> gpus;
  std::vector<std::string> objectives;
  std::vector<std::string> constraints;
  std::vector<std::string> axes;
  std::string space;
  std::string json;
  std::optional<std::uint64_t> seed;
  int threads = 1;
  std::size_t num_best = 20;
  std::size_t num_verified = 20;
  bool exhaustive = false;
};

using Observer = std::function<void(double fraction, std::string_view what)>;

/// Throws UsageError for several.
Objective objective_of(const SearchArguments& arguments) {
  const std::vector<std::string>& given = arguments.objectives;
  if (given.size() > 1)
    throw UsageError(
        fmt::format("--objective {} contradicts --objective {}: one list has one best; hold the "
                    "other with --constraint",
                    given[1], given[0]));
  for (const auto& [objective, name] : EnumNames<Objective>::table) {
    if (!given.empty() && name == given.front()) return objective;
  }
  return Objective::throughput;
}

/// Those of --space, of the shipped space of the kind where there is neither --space nor --vary, and of
/// --vary, which replace those of the same pointer.
std::vector<Axis> axes_of(const SearchArguments& arguments, std::string_view kind) {
  std::vector<Axis> axes;
  if (arguments.axes.empty() || !arguments.space.empty()) axes = read_space(kind, arguments.space);
  for (const std::string& text : arguments.axes) replace_axis(axes, read_axis(text, "--vary"));
  return axes;
}

ExitCode search_deployments(const SearchArguments& arguments, const Json& scenario, const std::string& file,
                            Output& json, const Observer& observer) {
  ServingSearch search;
  search.gpus = arguments.gpus;
  search.objective = objective_of(arguments);
  for (const std::string& text : arguments.constraints)
    search.limits.push_back(read_serving_limit(text, "--constraint"));
  search.num_best = arguments.num_best;
  search.seed = arguments.seed;
  search.threads = arguments.threads;
  search.exhaustive = arguments.exhaustive;
  search.lenient = arguments.axes.empty() || !arguments.space.empty();
  search.axes = axes_of(arguments, "serving");
  search.progress = observer;
  const Json document = search_serving(scenario, file, search);
  write_result(json, document, serving_search_text(document));
  return ExitCode::kDone;
}

ExitCode search_layouts(const SearchArguments& arguments, const Json& scenario, const std::string& file,
                        Output& json, const Observer& observer) {
  TrainingSearch search;
  search.objective = objective_of(arguments);
  for (const std::string& text : arguments.constraints)
    search.limits.push_back(read_limit(text, training_limit_names(), "--constraint"));
  search.num_best = arguments.num_best;
  search.num_verified = arguments.num_verified;
  search.run = [&](const std::vector<WorkerRequest>& requests) {
    return run_in_workers(requests, arguments.threads);
  };
  search.seed = arguments.seed;
  search.threads = arguments.threads;
  search.exhaustive = arguments.exhaustive;
  search.axes = axes_of(arguments, "training");
  search.progress = observer;
  const Json sized = arguments.gpus ? with_gpus(scenario, file, *arguments.gpus) : scenario;
  const Json document = search_training(sized, file, search);
  write_result(json, document, training_search_text(document));
  return ExitCode::kDone;
}

/// What is searched among scenarios of a kind.
struct SearchedKind {
  std::string_view name;
  ExitCode (*search)(const SearchArguments& arguments, const Json& scenario, const std::string& file,
                     Output& json, const Observer& observer);
};
constexpr auto kSearchedKinds =
    std::to_array<SearchedKind>({{"training", search_layouts}, {"serving", search_deployments}});

ExitCode run(const SearchArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const Json scenario = read_scenario(file, arguments.scenario);
  const std::string_view name = kind_of(scenario, file).name;
  const auto kind = std::ranges::find(kSearchedKinds, name, &SearchedKind::name);
  if (kind == kSearchedKinds.end())
    throw SpecError(file, "/kind", fmt::format("no search among scenarios of kind \"{}\"", name),
                    "kinds: training, serving");
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  return kind->search(arguments, scenario, file, json,
                      [&](double fraction, std::string_view what) { bar.update(fraction, what); });
}

void add_space_options(CLI::App& app, SearchArguments& arguments) {
  require_text(*app.add_option("--vary", arguments.axes,
                               "An axis instead of the shipped space, or beside --space: POINTER=V1,V2,...; "
                               "repeated")
                    ->type_name("AXIS"));
  require_text(*app.add_option("--space", arguments.space, "Axes from a file instead of the shipped space")
                    ->type_name("FILE"));
  require_whole_number(*app.add_option("--top", arguments.num_best, "How many of the best are listed")
                            ->type_name("N")
                            ->capture_default_str(),
                       1, 100'000);
  require_whole_number(*app.add_option("--verify", arguments.num_verified,
                                       "How many of the best layouts of a training SimGrid runs again")
                            ->type_name("N")
                            ->capture_default_str(),
                       0, 1000);
}

}  // namespace

Action declare_search(CLI::App& app) {
  const auto arguments = std::make_shared<SearchArguments>();
  add_scenario_options(app, arguments->scenario);
  require_whole_number(
      *app.add_option("--gpus", arguments->gpus, "GPUs: as many nodes of the cluster, shared by all pools")
           ->type_name("N"),
      1, 1 << 24);
  std::vector<std::string> objectives;
  for (const auto& [objective, name] : EnumNames<Objective>::table) objectives.emplace_back(name);
  require_one_of(
      *app.add_option("--objective", arguments->objectives, "What the best is best at (default throughput)")
           ->allow_extra_args(false),
      objectives);
  require_text(
      *app.add_option("--constraint", arguments->constraints,
                      "What must hold, NAME<=VALUE or NAME>=VALUE, of serving times with @mean, @p50, @p90 "
                      "or @p99; repeated")
           ->type_name("LIMIT"));
  add_space_options(app, *arguments);
  app.add_flag("--exhaustive", arguments->exhaustive, "Run everything that fits, without bounds");
  add_json_option(app, arguments->json);
  add_seed_option(app, arguments->seed);
  add_threads_option(app, arguments->threads);
  app.footer(
      "Examples:\n"
      "  moesim search deepseek-v3-pretrain-2048xh800 --constraint 'memory<=72GiB'\n"
      "  moesim search deepseek-v3-pretrain-2048xh800 --gpus 1024 --vary /layout/pp=8,16 --vary "
      "/layout/ep=32,64\n"
      "  moesim search deepseek-v3-fleet-512xh800 --gpus 512 --constraint 'ttft<=5s@p99' --constraint "
      "'tpot<=52ms@p99'\n"
      "  moesim search deepseek-v3-fleet-512xh800 --gpus 512 --objective cost --vary /@prefill_share=0.3,0.4 "
      "--vary /deployment/@decode/batching/max_batch=64,96,128");
  return [arguments] { return run(*arguments); };
}

}  // namespace moesim::cli
