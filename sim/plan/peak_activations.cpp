#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "base/memo.hpp"
#include "sim/plan/memory_plan.hpp"
#include "sim/schedule/pass_sequence.hpp"

namespace moesim {
namespace {

/// What one micro-batch leaves on a stage until its backward, and more until its deferred weight pass.
struct ChunkMemory {
  MemoryItems kept;
  Bytes deferred;    ///< output gradients
  Bytes recomputed;  ///< what the backward computed again and the weight pass needs
  Bytes kept_total = kept.total();
};

MemoryItems weigh(const std::vector<ChunkMemory>& chunks, const InFlight& state) {
  MemoryItems items;
  for (std::size_t chunk = 0; chunk < chunks.size(); ++chunk) {
    const int deferred = state.deferred_weights[chunk];
    items.add(chunks[chunk].kept, state.activations[chunk] + deferred);
    items.of(MemoryItem::deferred_gradients) += chunks[chunk].deferred * deferred;
    items.of(MemoryItem::recomputed) += chunks[chunk].recomputed * deferred;
  }
  return items;
}

/// The total of weigh(), but for rounding.
Bytes estimate(const std::vector<ChunkMemory>& chunks, const InFlight& state) {
  Bytes sum;
  for (std::size_t chunk = 0; chunk < chunks.size(); ++chunk) {
    const int deferred = state.deferred_weights[chunk];
    sum += chunks[chunk].kept_total * (state.activations[chunk] + deferred);
    sum += (chunks[chunk].deferred + chunks[chunk].recomputed) * deferred;
  }
  return sum;
}

constexpr std::size_t kKeptSequences = 32768;  ///< of a search over layouts, many of which share their shape

/// The states of a rank that differ, in the order in which they first come.
std::shared_ptr<const std::vector<InFlight>> distinct_states(const ScheduleShape& shape, int rank) {
  using Key = std::tuple<ScheduleKind, int, int, int, int>;
  static Memo<Key, std::shared_ptr<const std::vector<InFlight>>> memo(kKeptSequences);
  const Key key{shape.kind, shape.num_ranks, shape.num_microbatches, shape.vpp, rank};
  return memo.of(key, [&] {
    std::vector<InFlight> distinct;
    std::set<std::pair<std::vector<int>, std::vector<int>>> known;
    for_each_inflight(shape, rank, [&](const InFlight& state) {
      if (known.emplace(state.activations, state.deferred_weights).second) distinct.push_back(state);
    });
    return std::make_shared<const std::vector<InFlight>>(std::move(distinct));
  });
}

}  // namespace

MemoryItems peak_activations(const MemoryInput& input, const ScheduleShape& shape, int rank,
                             int& num_in_flight) {
  std::vector<ChunkMemory> chunks;
  Bytes one_layer{};
  for (int chunk = 0; chunk < num_chunks(shape); ++chunk) {
    const StageContent& stage = input.stages[static_cast<std::size_t>(stage_of(shape, rank, chunk))];
    const RecomputedActivations recomputed = recomputed_activations(input, stage);
    chunks.push_back(
        {stage_activations(input, stage), stage_deferred_gradients(input, stage), recomputed.all});
    one_layer = std::max(one_layer, recomputed.largest_layer);
  }
  MemoryItems peak;
  const auto states = distinct_states(shape, rank);
  for (const InFlight& state : *states) {
    constexpr double kRounding = 1 + 1e-9;
    if (estimate(chunks, state) * kRounding <= peak.total()) continue;
    const MemoryItems items = weigh(chunks, state);
    if (items.total() > peak.total()) {
      peak = items;
      num_in_flight = state.num_kept();
    }
  }
  peak.of(MemoryItem::recomputed) += one_layer;
  return peak;
}

}  // namespace moesim
