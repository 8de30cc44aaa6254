#include <algorithm>
#include <cstddef>

#include "sim/schedule/schedule_table.hpp"

namespace moesim::schedules {

/// ZB-H1 (arXiv 2401.10241, section 2.1): the forwards and backwards of 1F1B, each backward of inputs only.
/// Rank r lets r weight passes wait, so that every rank keeps PP micro-batches, and runs them at the end,
/// where 1F1B would idle.
std::vector<PassStep> zb1p(const ScheduleShape& shape, int rank) {
  std::vector<PassStep> steps;
  steps.reserve(3 * static_cast<std::size_t>(shape.num_microbatches));
  int num_weights = 0;
  const auto weight = [&] {
    steps.push_back({.kind = PassKind::weight, .chunk_b = 0, .microbatch_b = num_weights++});
  };
  for (PassStep step : one_f_one_b(shape, rank)) {
    step.defers_weight = step.kind == PassKind::backward;
    steps.push_back(step);
    if (step.defers_weight && step.microbatch_b - num_weights >= rank) weight();
  }
  while (num_weights < shape.num_microbatches) weight();
  return steps;
}

/// (PP - 1)(F + B - 2W), DeepSeek-V3 report, Table 2, where B holds W. With fewer micro-batches than ranks
/// the weight passes do not fill the gaps; where one is longer than a forward or a backward of inputs, it
/// does not fit into them.
std::optional<double> zb1p_bubble_s(const ScheduleShape& shape, const PassTimes& times) {
  const bool fits = times.weight <= times.forward && times.weight <= times.backward_input();
  if (!fits || shape.num_microbatches < shape.num_ranks) return std::nullopt;
  return (shape.num_ranks - 1) * (times.forward + times.backward - 2 * times.weight);
}

/// PP, as 1F1B's first rank.
int zb1p_activations(const ScheduleShape& shape, int /*rank*/) {
  return std::min(shape.num_ranks, shape.num_microbatches);
}

}  // namespace moesim::schedules
