#include <cstddef>

#include "sim/schedule/schedule_table.hpp"

namespace moesim::schedules {

/// All forwards, then the backwards from the last micro-batch to the first (arXiv 1811.06965, Figure 2c).
std::vector<PassStep> gpipe(const ScheduleShape& shape, int /*rank*/) {
  std::vector<PassStep> steps;
  steps.reserve(2 * static_cast<std::size_t>(shape.num_microbatches));
  for (int i = 0; i < shape.num_microbatches; ++i) {
    steps.push_back({.kind = PassKind::forward, .chunk_f = 0, .microbatch_f = i});
  }
  for (int i = shape.num_microbatches - 1; i >= 0; --i) {
    steps.push_back({.kind = PassKind::backward, .chunk_b = 0, .microbatch_b = i});
  }
  return steps;
}

/// Every micro-batch of the step, on every rank.
int gpipe_activations(const ScheduleShape& shape, int /*rank*/) {
  return shape.num_microbatches;
}

}  // namespace moesim::schedules
