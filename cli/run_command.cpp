#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/run_events.hpp"
#include "cli/run_facts.hpp"
#include "cli/run_folder.hpp"
#include "cli/scenario_arguments.hpp"
#include "reports/summary_table.hpp"
#include "reports/waterfall_table.hpp"
#include "sim/results/memory_sink.hpp"
#include "sim/results/ndjson_sink.hpp"

namespace moesim::cli {
namespace {

struct RunArguments {
  ScenarioArguments scenario;
  std::string folder;
  std::string json;
  std::string events;
  std::string stats;
  std::optional<std::uint64_t> seed;
  int threads = 1;
  std::vector<std::string> excluded_sources;
  bool waterfall = false;
  bool uncertainty = false;
};

/// Everything that a run writes. Opened before it runs, so that a place that cannot be written is told early.
struct RunOutputs {
  explicit RunOutputs(const RunArguments& arguments)
      : folder(arguments.folder.empty() ? nullptr : std::make_unique<RunFolder>(arguments.folder)),
        json(arguments.json),
        events(arguments.events),
        stats(arguments.stats) {}

  /// Writes all files but the statistics.
  void commit(const std::string& summary) {
    if (folder) folder->commit(summary);
    if (json.wanted()) {
      json.stream() << summary;
      json.commit();
    }
    if (events.wanted()) events.commit();
  }

  [[nodiscard]] bool take_stdout() const {
    return json.is_stdout() || events.is_stdout() || stats.is_stdout();
  }

  std::unique_ptr<RunFolder> folder;  ///< first, as the other files may lie in it
  Output json;
  Output events;
  Output stats;
};

void check_stdout_is_taken_once(const RunArguments& arguments) {
  const int takers = (arguments.json == "-") + (arguments.events == "-") + (arguments.stats == "-");
  if (takers > 1) throw UsageError("only one of --json, --events and --stats may be -");
}

/// The result of the run. Faults are events as well.
Json simulate(const RunArguments& arguments, RunOutputs& outputs, RunStats& stats) {
  std::ostream* event_stream = outputs.events.wanted() ? &outputs.events.stream() : nullptr;
  RunEvents events(event_stream);
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  RunOptions options;
  options.seed = arguments.seed;
  options.threads = arguments.threads;
  options.waterfall = arguments.waterfall;
  options.uncertainty = arguments.uncertainty;
  options.stats = &stats;
  options.progress = [&](double fraction, std::string_view what) {
    events.progress(fraction, what);
    bar.update(fraction, what);
  };
  std::vector<RecordSink*> sinks;
  if (outputs.folder) sinks.push_back(outputs.folder.get());
  std::optional<NdjsonSink> record_events;
  if (event_stream != nullptr) sinks.push_back(&record_events.emplace(*event_stream));
  TeeSink sink(sinks);
  try {
    const Json scenario = read_scenario(arguments.scenario);
    options.excluded_sources =
        excluded_sources(arguments.excluded_sources, scenario, arguments.scenario.path);
    events.start(scenario, arguments.scenario.path);
    Json result = run_named(scenario, arguments.scenario.path, options, sink);
    events.done(result);
    return result;
  } catch (...) {
    events.error(failure_of(std::current_exception()));
    throw;
  }
}

ExitCode run(const RunArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  check_stdout_is_taken_once(arguments);
  RunOutputs outputs(arguments);
  RunStats stats;
  const Json result = simulate(arguments, outputs, stats);
  outputs.commit(write_json(result));
  if (!outputs.take_stdout()) print(summary_table(result) + waterfall_table(result));
  const RunFacts facts = run_facts(start, arguments.threads, std::move(stats));
  if (outputs.stats.wanted()) {
    outputs.stats.stream() << write_json(facts_json(facts));
    outputs.stats.commit();
  }
  std::cerr << facts_text(facts) << '\n';
  if (outputs.folder && outputs.folder->num_left_out() > 0) {
    std::cerr << fmt::format("moesim: trace.json leaves out the last {} spans\n",
                             outputs.folder->num_left_out());
  }
  return ExitCode::kDone;
}

void add_outputs(CLI::App& app, RunArguments& arguments) {
  app.add_option("-o,--output", arguments.folder,
                 "Write summary.json, records.moesim and trace.json (Chrome trace)")
      ->type_name("DIR");
  add_json_option(app, arguments.json);
  app.add_option("--events", arguments.events,
                 "Write progress and records as NDJSON; a file appears at the end")
      ->type_name("FILE|-");
  app.add_option("--stats", arguments.stats, "Write wall time, memory, host and threads as JSON")
      ->type_name("FILE|-");
}

}  // namespace

Action declare_run(CLI::App& app) {
  const auto arguments = std::make_shared<RunArguments>();
  add_scenario_options(app, arguments->scenario);
  add_exclude_option(app, arguments->excluded_sources);
  add_seed_option(app, arguments->seed);
  add_threads_option(app, arguments->threads);
  app.add_flag("--waterfall", arguments->waterfall, "Split the step by cause");
  app.add_flag("--uncertainty", arguments->uncertainty, "Give p10 and p90 of the result by seeded replays");
  add_outputs(app, *arguments);
  app.footer(
      "Examples:\n"
      "  moesim run workloads/scenarios/deepseek-v3-pretrain-2048xh800.json -o out/demo\n"
      "  moesim run scenario.json --set /layout/ep=32 --set /recipe/global_batch=7680 --json -\n"
      "  moesim run scenario.json --engine replay --waterfall --exclude-source deepseek-profile-data\n"
      "  moesim run - --events - < scenario.json | grep '\"event\":\"progress\"'");
  return [arguments] { return run(*arguments); };
}

}  // namespace moesim::cli
