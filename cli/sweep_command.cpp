#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/sweep_run.hpp"
#include "sim/runner/worker_pool.hpp"

namespace moesim::cli {
namespace {

constexpr int kMaxWorkers = 1024;

struct LocalSweepArguments : SweepArguments {
  int workers = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxWorkers);
};

ExitCode sweep(const LocalSweepArguments& arguments) {
  WorkerPool pool;
  pool.command = {std::filesystem::read_symlink("/proc/self/exe").string(), "worker"};
  pool.num_workers = arguments.workers;
  return run_sweep_command(arguments, [&](const RequestStream& stream) { run_request_stream(pool, stream); });
}

}  // namespace

Action declare_sweep(CLI::App& app) {
  const auto arguments = std::make_shared<LocalSweepArguments>();
  add_sweep_options(app, *arguments);
  require_whole_number(
      *app.add_option("--workers", arguments->workers,
                      "Cases at a time, each in a process of its own; by default the number of "
                      "processors")
           ->type_name("N"),
      1, kMaxWorkers);
  app.footer(
      "Each case goes into the sweep file as it ends. A sweep that was killed goes on where it was; a case "
      "that\n"
      "fails is recorded and does not stop the others. Exit code 1 where no case is done, 130 interrupted.\n"
      "\n"
      "Examples:\n"
      "  moesim sweep grid.json --csv cases.csv\n"
      "  moesim sweep grid.json -o /data/grid.sweep --workers 16 --json -\n"
      "  mpirun -n 65 moesim-mpi sweep grid.json -o /data/grid.sweep");
  return [arguments] { return sweep(*arguments); };
}

}  // namespace moesim::cli
