#pragma once

#include <cstdint>

#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// Iterations one after the other with the same members: the time of one changes evenly from the first to the
/// last planned, so times and sums are closed forms.
struct IterationRun {
  double start_s = 0;
  double first_s = 0;        ///< time of the first iteration
  double growth_s = 0;       ///< of each over the one before
  std::int64_t planned = 1;  ///< the last of these took `last`
  std::int64_t length = 1;   ///< iterations until it ends: planned, or fewer
  StepTime first;
  StepTime last;
  bool decodes = false;
  bool has_prompts = false;
  double prompt_tokens = 0;
  bool pause = false;  ///< the unit stands still instead

  /// Time of the end of the first `iterations`.
  [[nodiscard]] double end_after(std::int64_t iterations) const;
  [[nodiscard]] double end() const { return end_after(length); }
  /// The fewest iterations, at least 1 and at most `length`, that end after `time_s` (at or after it where
  /// `inclusive`).
  [[nodiscard]] std::int64_t iterations_to(double time_s, bool inclusive = false) const;
  /// Iterations that have ended at `time_s`, 0 to length.
  [[nodiscard]] std::int64_t done_at(double time_s) const;
  /// Adds the sum over iterations [from, to) to `sum`.
  void add_steps(std::int64_t from, std::int64_t to, StepTime& sum) const;
};

}  // namespace moesim
