#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "base/progress.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/request_csv.hpp"
#include "cli/run_events.hpp"
#include "cli/run_facts.hpp"
#include "cli/run_folder.hpp"
#include "cli/scenario_arguments.hpp"
#include "reports/csv.hpp"
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
  std::string csv;
  std::string events;
  std::string stats;
  std::string requests;
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
        csv(arguments.csv),
        events(arguments.events),
        stats(arguments.stats),
        requests(arguments.requests) {}

  /// Writes all of them, the folder last.
  void commit(const Json& result, const RunFacts& facts) {
    const std::string summary = write_json(result);
    write(stats, [&] { return write_json(facts_json(facts)); });
    write(json, [&] { return summary; });
    write(csv, [&] { return summary_csv(result); });
    if (events.wanted()) events.commit();
    if (requests.wanted()) requests.commit();
    if (folder) folder->commit(summary);
  }

  [[nodiscard]] bool take_stdout() const {
    return json.is_stdout() || csv.is_stdout() || events.is_stdout() || stats.is_stdout() ||
           requests.is_stdout();
  }

  std::unique_ptr<RunFolder> folder;  ///< first, as the other files may lie in it
  Output json;
  Output csv;
  Output events;
  Output stats;
  Output requests;

 private:
  template <class Text>
  static void write(Output& output, const Text& text) {
    if (!output.wanted()) return;
    output.stream() << text();
    output.commit();
  }
};

/// Throws UsageError where outputs collide with each other or with the scenario.
void check_outputs(const RunArguments& arguments, const std::string& file) {
  std::vector<NamedPath> outputs{{"--json", arguments.json},
                                 {"--csv", arguments.csv},
                                 {"--events", arguments.events},
                                 {"--stats", arguments.stats},
                                 {"--requests", arguments.requests}};
  if (std::ranges::count(outputs, "-", &NamedPath::path) > 1) {
    throw UsageError("only one of --json, --csv, --events, --stats and --requests may be -");
  }
  for (const std::string_view name : RunFolder::kFiles) {
    if (arguments.folder.empty()) break;
    outputs.push_back(
        {fmt::format("{} of -o", name), (std::filesystem::path(arguments.folder) / name).string()});
  }
  require_distinct({{"SCENARIO", file}}, outputs);
}

/// The result of the run. Faults are events as well.
Json simulate(const RunArguments& arguments, const std::string& file, RunOutputs& outputs, RunStats& stats) {
  std::ostream* event_stream = outputs.events.wanted() ? &outputs.events.stream() : nullptr;
  RunEvents events(event_stream);
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  RunOptions options;
  options.seed = arguments.seed;
  options.threads = arguments.threads;
  options.waterfall = arguments.waterfall;
  options.uncertainty = arguments.uncertainty;
  options.stats = &stats;
  std::optional<RequestCsv> requests;
  if (outputs.requests.wanted()) options.requests = &requests.emplace(outputs.requests.stream());
  options.progress = [&](double fraction, std::string_view what) {
    events.progress(fraction, what);
    bar.update(fraction, what);
  };
  std::vector<RecordSink*> sinks;
  if (outputs.folder) sinks.push_back(outputs.folder.get());
  std::optional<NdjsonSink> record_events;
  try {
    const Json scenario = read_scenario(file, arguments.scenario);
    const SpanNames names = kind_of(scenario, file).span_names();
    if (outputs.folder) outputs.folder->set_span_names(names);
    if (event_stream != nullptr) sinks.push_back(&record_events.emplace(*event_stream, names));
    TeeSink sink(sinks);
    options.excluded_sources = excluded_sources(arguments.excluded_sources, scenario, file);
    events.start(scenario, file);
    Json result = run_named(scenario, file, options, sink);
    events.done(result);
    return result;
  } catch (...) {
    events.error(failure_of(std::current_exception()));
    throw;
  }
}

/// The tables of a result, without published figures where they are about other inputs.
void show(Json result, const ScenarioArguments& scenario) {
  Json& shown = result["scenario"];
  if (!keeps_published(scenario, result.value("kind", std::string())) && shown.contains("published") &&
      !shown["published"].empty()) {
    shown.erase("published");
    std::cerr << "moesim: published figures are not shown, as --set changes what they are about\n";
  }
  print(summary_table(result) + waterfall_table(result));
}

ExitCode run(const RunArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const std::string file = scenario_file(arguments.scenario);
  check_outputs(arguments, file);
  RunOutputs outputs(arguments);
  RunStats stats;
  const Json result = simulate(arguments, file, outputs, stats);
  const RunFacts facts = run_facts(start, arguments.threads, std::move(stats));
  outputs.commit(result, facts);
  if (!outputs.take_stdout()) show(result, arguments.scenario);
  std::cerr << facts_text(facts) << '\n';
  if (outputs.folder && outputs.folder->num_left_out() > 0) {
    std::cerr << fmt::format("moesim: trace.json leaves out the last {} spans\n",
                             outputs.folder->num_left_out());
  }
  return ExitCode::kDone;
}

void add_outputs(CLI::App& app, RunArguments& arguments) {
  CLI::Option* folder = app.add_option("-o,--output", arguments.folder,
                                       "Write summary.json, records.moesim and trace.json (Chrome trace)")
                            ->type_name("DIR");
  require_text(*folder);
  add_json_option(app, arguments.json);
  add_file_option(app, "--csv", arguments.csv, "Write the summary as CSV: key,value");
  add_file_option(app, "--events", arguments.events,
                  "Write progress and records as NDJSON; a file appears at the end");
  add_file_option(app, "--requests", arguments.requests,
                  "Write a line of CSV for each request that was served");
  add_file_option(app, "--stats", arguments.stats, "Write wall time, memory, host and threads as JSON");
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
      "  moesim run deepseek-v3-pretrain-2048xh800 -o out/demo\n"
      "  moesim run scenario.json --set /layout/ep=32 --set /recipe/global_batch=7680 --json -\n"
      "  moesim run scenario.json --set '/cluster={\"base\": \"h800-2048\", \"nic\": {\"bandwidth\": \"25 "
      "GB/s\"}}'\n"
      "  moesim run deepseek-v3-h200-tp8 --set /workload/concurrency=16 --requests requests.csv\n"
      "  moesim run scenario.json --engine replay --waterfall --exclude-source deepseek-profile-data\n"
      "  moesim run - --events - < scenario.json | grep '\"event\":\"progress\"'");
  return [arguments] { return run(*arguments); };
}

}  // namespace moesim::cli
