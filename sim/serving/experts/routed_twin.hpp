#pragma once

#include <cstdint>
#include <functional>

#include "sim/serving/experts/expert_state.hpp"
#include "sim/serving/experts/routed_loads.hpp"

namespace moesim {

/// Iterations of one unit between two plans.
struct TwinTrace {
  std::int64_t iterations = 12000;
  double iteration_s = 0.05;
  std::function<std::int64_t(std::int64_t)> tokens;  ///< of an iteration
  double step_s = 10;                                ///< popularity moves in steps of so long
  std::int64_t window_tokens = 4096;                 ///< routed in each step of the plan's window
};

/// Means over the iterations.
struct TwinMeans {
  ExpertState routed;
  ExpertState tabulated;
};

/// The slow twin of make_routed_loads: popularity drifts from step to step, EPLB plans from the tokens that
/// were routed in its window, and every token of every iteration passes the gate, beside what `loads` says of
/// the same iterations. An iteration routes one layer, layers take turns. Offsets are those of solve_offsets.
/// Decode only. About a million tokens a second.
TwinMeans run_twin(const RoutedLoadsInput& input, const ExpertLoads& loads, const TwinTrace& trace);

}  // namespace moesim
