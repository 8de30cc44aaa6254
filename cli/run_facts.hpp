#pragma once

#include <chrono>
#include <string>

#include "base/json.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim::cli {

/// What a run cost on this machine; no part of its result.
struct RunFacts {
  double wall_s = 0;
  double max_resident_B = 0;           ///< of this process
  double children_max_resident_B = 0;  ///< of the largest child, 0 without any
  std::string host;
  int threads = 1;
  RunStats stats;

  [[nodiscard]] double operations_per_s() const;
};

/// The facts of this process, begun at `start`.
RunFacts run_facts(std::chrono::steady_clock::time_point start, int threads, RunStats stats);

/// What --stats writes.
Json facts_json(const RunFacts& facts);
/// One line for standard error.
std::string facts_text(const RunFacts& facts);

}  // namespace moesim::cli
