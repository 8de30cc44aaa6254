#include "sim/schedule/pass_sequence.hpp"

#include <algorithm>
#include <cstddef>

namespace moesim {
namespace {

struct SequenceRow {
  ScheduleKind kind;
  std::vector<PassStep> (*sequence)(int rank, int num_ranks, int num_microbatches);
};
constexpr std::array kSequences{SequenceRow{ScheduleKind::one_f_one_b, one_f_one_b},
                                SequenceRow{ScheduleKind::dualpipe, dualpipe}};
static_assert(kSequences.size() == kScheduleNames.size());

}  // namespace

std::vector<PassStep> pass_sequence(const ScheduleShape& shape, int rank) {
  for (const SequenceRow& row : kSequences) {
    if (row.kind == shape.kind) return row.sequence(rank, shape.num_ranks, shape.num_microbatches);
  }
  return {};
}

std::vector<InFlight> inflight(const ScheduleShape& shape, int rank) {
  const std::vector<PassStep> steps = pass_sequence(shape, rank);
  std::vector<InFlight> states;
  states.reserve(steps.size());
  InFlight now;
  for (const PassStep& step : steps) {
    if (step.chunk_f >= 0) ++now.activations[static_cast<std::size_t>(step.chunk_f)];
    states.push_back(now);
    if (step.chunk_b < 0) continue;
    const auto chunk = static_cast<std::size_t>(step.chunk_b);
    if (step.kind == PassKind::weight) {
      --now.deferred_weights[chunk];
    } else {
      --now.activations[chunk];
      if (step.defers_weight) ++now.deferred_weights[chunk];
    }
  }
  return states;
}

int peak_inflight(ScheduleKind kind, int rank, int num_ranks, int num_microbatches) {
  int peak = 0;
  const ScheduleShape shape{.kind = kind, .num_ranks = num_ranks, .num_microbatches = num_microbatches};
  for (const InFlight& state : inflight(shape, rank)) {
    int held = 0;
    for (const int activations : state.activations) held += activations;
    peak = std::max(peak, held);
  }
  return peak;
}

}  // namespace moesim
