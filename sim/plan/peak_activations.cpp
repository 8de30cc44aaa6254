#include <algorithm>

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
  for_each_inflight(shape, rank, [&](const InFlight& state) {
    constexpr double kRounding = 1 + 1e-9;
    if (estimate(chunks, state) * kRounding <= peak.total()) return;  // most passes
    const MemoryItems items = weigh(chunks, state);
    if (items.total() > peak.total()) {
      peak = items;
      num_in_flight = state.num_kept();
    }
  });
  peak.of(MemoryItem::recomputed) += one_layer;
  return peak;
}

}  // namespace moesim
