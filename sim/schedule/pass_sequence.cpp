#include "sim/schedule/pass_sequence.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <set>

#include "sim/schedule/pass_blocks.hpp"
#include "sim/schedule/schedule_table.hpp"

namespace moesim {

std::vector<PassStep> pass_sequence(const ScheduleShape& shape, int rank) {
  return row_of(shape.kind).sequence(shape, rank);
}

std::vector<StagePair> stage_pairs(const ScheduleShape& shape) {
  std::set<StagePair> pairs;
  if (!runs_pairs(shape.kind)) return {};
  for (int rank = 0; rank < shape.num_ranks; ++rank) {
    for (const PassStep& step : pass_sequence(shape, rank)) {
      if (step.kind != PassKind::forward_backward) continue;
      pairs.insert({stage_of(shape, rank, step.chunk_f), stage_of(shape, rank, step.chunk_b)});
    }
  }
  return {pairs.begin(), pairs.end()};
}

int InFlight::num_activations() const {
  return std::accumulate(activations.begin(), activations.end(), 0);
}

int InFlight::num_kept() const {
  return std::accumulate(deferred_weights.begin(), deferred_weights.end(), num_activations());
}

void for_each_inflight(const ScheduleShape& shape, int rank,
                       const std::function<void(const InFlight&)>& visit) {
  InFlight now;
  now.activations.resize(static_cast<std::size_t>(num_chunks(shape)));
  now.deferred_weights = now.activations;
  for (const PassStep& step : pass_sequence(shape, rank)) {
    if (step.chunk_f >= 0) ++now.activations[static_cast<std::size_t>(step.chunk_f)];
    visit(now);
    if (step.chunk_b < 0) continue;
    const auto chunk = static_cast<std::size_t>(step.chunk_b);
    if (step.kind == PassKind::weight) {
      --now.deferred_weights[chunk];
    } else {
      --now.activations[chunk];
      if (step.defers_weight) ++now.deferred_weights[chunk];
    }
  }
}

std::vector<InFlight> inflight(const ScheduleShape& shape, int rank) {
  std::vector<InFlight> states;
  for_each_inflight(shape, rank, [&](const InFlight& now) { states.push_back(now); });
  return states;
}

int peak_inflight(const ScheduleShape& shape, int rank) {
  int peak = 0;
  for_each_inflight(shape, rank, [&](const InFlight& now) { peak = std::max(peak, now.num_activations()); });
  return peak;
}

int peak_kept(const ScheduleShape& shape, int rank) {
  int peak = 0;
  for_each_inflight(shape, rank, [&](const InFlight& now) { peak = std::max(peak, now.num_kept()); });
  return peak;
}

}  // namespace moesim
