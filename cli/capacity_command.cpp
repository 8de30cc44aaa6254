#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/progress.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/scenario_arguments.hpp"
#include "reports/capacity_table.hpp"
#include "sim/planner/capacity/capacity.hpp"

namespace moesim::cli {
namespace {

constexpr int kMaxDraws = 4096;

struct CapacityArguments {
  ScenarioArguments scenario;
  std::string slo;
  std::vector<std::string> axes;
  std::optional<int> gpus_max;
  int draws = 64;
  std::vector<std::string> excluded_sources;
  std::optional<std::uint64_t> seed;
  int threads = 1;
  std::string json;
};

Json capacity_of(const CapacityArguments& arguments, const std::string& file) {
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  const Json scenario = read_scenario(file, arguments.scenario);
  CapacityOptions options;
  if (!arguments.slo.empty()) options.sizing.slo = read_slo(arguments.slo, "--slo");
  options.sizing.gpus_max = arguments.gpus_max;
  options.sizing.num_draws = arguments.draws;
  options.sizing.threads = arguments.threads;
  options.sizing.progress = [&](double fraction, std::string_view what) { bar.update(fraction, what); };
  for (const std::string& axis : arguments.axes) options.axes.push_back(read_axis(axis, "--vary"));
  options.seed = arguments.seed;
  options.excluded_sources = excluded_sources(arguments.excluded_sources, scenario, file);
  return find_capacity(scenario, file, options);
}

ExitCode show(const CapacityArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const Json document = capacity_of(arguments, file);
  write_result(json, document, capacity_table(document));
  return ExitCode::kDone;
}

}  // namespace

Action declare_capacity(CLI::App& app) {
  const auto arguments = std::make_shared<CapacityArguments>();
  add_scenario_options(app, arguments->scenario);
  CLI::Option* slo =
      app.add_option("--slo", arguments->slo,
                     "What a share of the requests must meet, such as ttft=2s@p99,tpot=50ms@p99,e2e=60s@p90; "
                     "the scenario's slo at p99 where absent")
          ->type_name("TARGETS");
  require_text(*slo);
  app.add_option("--vary", arguments->axes, "Alternatives, each sized by itself: POINTER=VALUE,VALUE,...")
      ->type_name("AXIS")
      ->allow_extra_args(false);
  CLI::Option* most =
      app.add_option(
             "--gpus-max", arguments->gpus_max,
             "GPUs of the fleet, at most, however many the clusters have; what these have where absent")
          ->type_name("N");
  require_whole_number(*most, 1, std::numeric_limits<int>::max());
  CLI::Option* draws = app.add_option("--draws", arguments->draws,
                                      "Draws of the uncertain inputs; 0 sizes with every input as stated")
                           ->type_name("N")
                           ->capture_default_str();
  require_whole_number(*draws, 0, kMaxDraws);
  add_exclude_option(app, arguments->excluded_sources);
  add_seed_option(app, arguments->seed);
  add_threads_option(app, arguments->threads);
  add_json_option(app, arguments->json);
  app.footer(
      "Every pool has a fixed number of units all the time. Sizes hold the SLO in 90 % of the draws (p90);\n"
      "those that hold it in half of them (p50) are shown beside.\n"
      "\n"
      "Examples:\n"
      "  moesim capacity deepseek-v3-trace-h800 --slo ttft=10s@p99,tpot=50ms@p99\n"
      "  moesim capacity scenario.json --slo tpot=50ms@p99 --vary /deployment/decode/layout/gpus=32,144");
  return [arguments] { return show(*arguments); };
}

}  // namespace moesim::cli
