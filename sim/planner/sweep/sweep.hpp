#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "sim/planner/sweep/grid.hpp"
#include "sim/runner/request_stream.hpp"

namespace moesim {

/// How far a sweep is.
struct SweepProgress {
  std::int64_t num_cases = 0;
  std::int64_t done = 0;
  std::int64_t failed = 0;
};

struct SweepOptions {
  std::function<void(const SweepProgress& progress)>
      progress;                 ///< at the start and after every case; may be empty
  std::function<bool()> go_on;  ///< asked often; false ends the sweep; may be empty
};

/// Runs the cases of a grid that the sweep file does not hold yet and writes each as it ends; begins the file
/// where there is none. Memory does not grow with the number of cases, but for a bit each. False where
/// go_on() ended it. Throws what SweepWriter and the run of the stream throw; cases that have ended before
/// are kept.
bool run_sweep(const SweepGrid& grid, const std::filesystem::path& file, const RunRequestStream& run,
               const SweepOptions& options);

}  // namespace moesim
