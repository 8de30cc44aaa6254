#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "base/interrupt.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/man_page.hpp"
#include "cli/mpi/rank_queue.hpp"
#include "cli/mpi/ranks.hpp"
#include "cli/program.hpp"
#include "cli/sweep_run.hpp"

namespace moesim::cli {
namespace {

constexpr const char* kSweepFooter =
    "Rank 0 keeps the queue and the sweep file, every other rank runs cases in a `moesim worker`, which is "
    "found\n"
    "beside this program. What it writes is what `moesim sweep` writes, and either goes on where the other "
    "was.\n"
    "\n"
    "Examples:\n"
    "  mpirun -n 17 moesim-mpi sweep grid.json -o grid.sweep\n"
    "  srun --mpi=pmix moesim-mpi sweep grid.json -o grid.sweep --csv cases.csv";

void report(const std::exception_ptr& fault) {
  const Failure failure = failure_of(fault);
  for (const Fault& one : failure.faults) std::cerr << "moesim-mpi: " << one.text() << '\n';
}

ExitCode report_usage(const std::string& text) {
  if (is_first_rank()) std::cerr << fmt::format("moesim-mpi: {}\nTry 'moesim-mpi sweep --help'.\n", text);
  return ExitCode::kUsage;
}

/// On rank 0. Where other ranks are at work in the end, the job ends with it.
ExitCode keep_queue(const Ranks& ranks, const SweepArguments& arguments) {
  RankQueue queue(ranks);
  ExitCode code = ExitCode::kDone;
  try {
    code = run_sweep_command(arguments, [&](const RequestStream& stream) { queue.run(stream); });
  } catch (const UsageError& error) {
    code = report_usage(error.what());
  } catch (...) {
    report(std::current_exception());
    code = failure_of(std::current_exception()).code;
  }
  std::cout << std::flush;
  if (queue.busy()) ranks.abort(static_cast<int>(code));
  queue.release();
  return code;
}

/// On every other rank.
ExitCode run_cases(const Ranks& ranks) {
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
  try {
    serve_rank(ranks, {{(own.parent_path() / "moesim").string(), "worker"}, 1, {}});
  } catch (...) {
    report(std::current_exception());
    ranks.abort(static_cast<int>(ExitCode::kRunFailed));
  }
  return ExitCode::kDone;
}

ExitCode sweep(const SweepArguments& arguments) {
  const Ranks ranks;
  if (ranks.size() < 2) {
    return report_usage(
        "one rank keeps the queue and the others run cases: start two or more, as in "
        "mpirun -n 5 moesim-mpi sweep GRID, or use moesim sweep");
  }
  return ranks.rank() == 0 ? keep_queue(ranks, arguments) : run_cases(ranks);
}

ExitCode run_mpi_program(const std::vector<std::string>& arguments) {
  CLI::App app("moesim on many machines, started by mpirun or srun.", "moesim-mpi");
  app.set_version_flag("--version", "moesim-mpi " MOESIM_VERSION, "Print the version and exit");
  add_man_option(app, MOESIM_VERSION);
  app.require_subcommand(1);
  CLI::App* command = app.add_subcommand("sweep", "Run a grid of scenarios into one file");
  SweepArguments sweep_arguments;
  add_sweep_options(*command, sweep_arguments);
  command->footer(kSweepFooter);
  try {
    // CLI11 takes the arguments last one first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wanted) {
    if (is_first_rank()) app.exit(wanted);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_word_text(app, arguments);
    return report_usage(unknown.empty() ? error.what() : unknown);
  }
  return sweep(sweep_arguments);
}

}  // namespace
}  // namespace moesim::cli

int main(int argc, char** argv) {
  moesim::end_on_interrupt();
  try {
    return static_cast<int>(moesim::cli::run_mpi_program(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (...) {
    moesim::cli::report(std::current_exception());
    return static_cast<int>(moesim::cli::failure_of(std::current_exception()).code);
  }
}
