#include "cli/sweep_run.hpp"

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/interrupt.hpp"
#include "base/progress.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/sweep_text.hpp"
#include "sim/planner/sweep/grid.hpp"
#include "sim/planner/sweep/sweep.hpp"
#include "sim/planner/sweep/sweep_document.hpp"
#include "sim/results/sweep_reader.hpp"

namespace moesim::cli {
namespace {

/// On standard error: a bar on a terminal, else a line now and then, for logs.
class SweepProgressText {
 public:
  void show(const SweepProgress& progress) {
    const std::int64_t ended = progress.done + progress.failed;
    const std::string failed = progress.failed > 0 ? fmt::format(", {} failed", progress.failed) : "";
    bar_.update(static_cast<double>(ended) / static_cast<double>(progress.num_cases),
                fmt::format("{} of {} cases{}", ended, progress.num_cases, failed));
    constexpr std::chrono::seconds kBetween{10};
    const auto now = std::chrono::steady_clock::now();
    if (is_terminal_ || now - last_line_ < kBetween) return;
    last_line_ = now;
    std::cerr << fmt::format("moesim: {} of {} cases{}\n", ended, progress.num_cases, failed);
  }

 private:
  bool is_terminal_ = stderr_is_terminal();
  ProgressBar bar_{STDERR_FILENO, is_terminal_};
  std::chrono::steady_clock::time_point last_line_ = std::chrono::steady_clock::now();
};

std::string output_of(const SweepArguments& arguments) {
  if (!arguments.output.empty()) return arguments.output;
  if (arguments.grid == "-") throw UsageError("a grid from standard input needs -o FILE");
  return std::filesystem::path(arguments.grid).stem().string() + ".sweep";
}

/// Whether it came to its end.
bool run_cases(const SweepGrid& grid, const std::string& output, const RunRequestStream& run) {
  const InterruptRequest interrupt;
  SweepProgressText progress;
  SweepOptions options;
  options.progress = [&](const SweepProgress& now) { progress.show(now); };
  options.go_on = [&] { return !interrupt.made(); };
  return run_sweep(grid, output, run, options);
}

ExitCode show_sweep(const std::string& file, Output& json, Output& csv) {
  const SweepReader sweep(file);
  const Json document = sweep_document(sweep);
  if (csv.wanted()) {
    write_sweep_csv(sweep, csv.stream());
    csv.commit();
  }
  if (json.wanted()) {
    json.stream() << write_json(document);
    json.commit();
  }
  if (!json.is_stdout() && !csv.is_stdout()) print(sweep_text(document, file));
  return document["done"] == 0 ? ExitCode::kRunFailed : ExitCode::kDone;
}

}  // namespace

void add_sweep_options(CLI::App& app, SweepArguments& arguments) {
  app.add_option("grid", arguments.grid, "Grid file, or - for standard input")
      ->type_name("GRID|-")
      ->required();
  add_file_option(app, "-o,--output", arguments.output,
                  "Sweep file, gone on with where it is there; by default the grid's name with .sweep")
      ->type_name("FILE");
  add_json_option(app, arguments.json);
  add_file_option(app, "--csv", arguments.csv, "Write every case as CSV, a line each");
}

ExitCode run_sweep_command(const SweepArguments& arguments, const RunRequestStream& run) {
  const std::string output = output_of(arguments);
  if (output == "-") throw UsageError("a sweep file cannot be standard output");
  if (arguments.json == "-" && arguments.csv == "-")
    throw UsageError("only one of --json and --csv may be -");
  require_distinct({{"GRID", arguments.grid}},
                   {{"-o", output}, {"--json", arguments.json}, {"--csv", arguments.csv}});
  const SweepGrid grid(read_document(arguments.grid), arguments.grid);
  Output json(arguments.json);
  Output csv(arguments.csv);
  if (!run_cases(grid, output, run)) {
    const SweepReader sweep(output);
    std::cerr << fmt::format("moesim: interrupted; {} holds {} of {} cases, and the same command goes on\n",
                             output, sweep.num_cases() - sweep.num_cases(SweepCaseState::waiting),
                             sweep.num_cases());
    return ExitCode::kInterrupted;
  }
  return show_sweep(output, json, csv);
}

}  // namespace moesim::cli
