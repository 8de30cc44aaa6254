#include <algorithm>
#include <cstddef>

#include "sim/schedule/schedule_table.hpp"

namespace moesim::schedules {

std::optional<std::string> any_batch(const ScheduleShape& /*shape*/) {
  return std::nullopt;
}

/// Warm-up forwards, then one forward and one backward in turn, then the remaining backwards.
std::vector<PassStep> one_f_one_b(const ScheduleShape& shape, int rank) {
  const int num_microbatches = shape.num_microbatches;
  std::vector<PassStep> steps;
  steps.reserve(2 * static_cast<std::size_t>(num_microbatches));
  const auto forward = [&](int microbatch) {
    steps.push_back({.kind = PassKind::forward, .chunk_f = 0, .microbatch_f = microbatch});
  };
  const auto backward = [&](int microbatch) {
    steps.push_back({.kind = PassKind::backward, .chunk_b = 0, .microbatch_b = microbatch});
  };
  const int num_warmup = std::min(shape.num_ranks - 1 - rank, num_microbatches);
  for (int i = 0; i < num_warmup; ++i) forward(i);
  for (int i = num_warmup; i < num_microbatches; ++i) {
    forward(i);
    backward(i - num_warmup);
  }
  for (int i = num_microbatches - num_warmup; i < num_microbatches; ++i) backward(i);
  return steps;
}

/// (PP - 1)(F + B) of one stage: DeepSeek-V3 report, Table 2, for 1F1B; the same for GPipe. With v stages on
/// a rank, (PP - 1)(F + B) / v of a rank's whole work (arXiv 2104.04473, section 2.2). Pairs add nothing to
/// the ramps: the last rank waits PP - 1 forwards and the first rank ends PP - 1 backwards later.
std::optional<double> ramp_bubble_s(const ScheduleShape& shape, const PassTimes& times) {
  return (shape.num_ranks - 1) * (times.forward + times.backward);
}

/// PP on the first rank (DeepSeek-V3 report, Table 2), one less on each next one.
int one_f_one_b_activations(const ScheduleShape& shape, int rank) {
  return std::min(shape.num_ranks - rank, shape.num_microbatches);
}

}  // namespace moesim::schedules
