#pragma once

#include <string>

#include "base/error.hpp"
#include "sim/runner/request_stream.hpp"

namespace CLI {
class App;
}

namespace moesim::cli {

/// What `moesim sweep` and `moesim-mpi sweep` are asked for.
struct SweepArguments {
  std::string grid;
  std::string output;  ///< empty: the grid's name with .sweep, in the working directory
  std::string json;
  std::string csv;
};

/// GRID, -o, --json and --csv.
void add_sweep_options(CLI::App& app, SweepArguments& arguments);

/// Runs what is left of the sweep and shows it. SIGINT, SIGTERM and SIGHUP put it away and give kInterrupted;
/// kRunFailed where no case is done.
ExitCode run_sweep_command(const SweepArguments& arguments, const RunRequestStream& run);

}  // namespace moesim::cli
