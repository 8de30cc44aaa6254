#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "tests/sim_serving_batching/slow_unit.hpp"
#include "tests/sim_serving_batching/unit_world.hpp"

namespace moesim::test {

struct LoadShape {
  int requests = 400;
  double mean_gap_s = 0.02;
  std::uint64_t most_input = 600;
  std::uint64_t most_output = 300;
  bool arrives_decoding = false;
};

/// Bursts and gaps; some requests have one token, some are longer than a rank of the cases here.
inline std::vector<TimedWork> random_load(const LoadShape& shape, std::uint64_t seed) {
  RandomStream stream(seed, 77);
  std::vector<TimedWork> works;
  double time = 0;
  for (int i = 0; i < shape.requests; ++i) {
    if (stream.uniform() > 0.3) time += 2 * shape.mean_gap_s * stream.uniform();
    if (stream.uniform() < 0.01) time += 100 * shape.mean_gap_s;
    const auto input = static_cast<std::int64_t>(1 + stream.below(shape.most_input));
    const auto output = static_cast<std::int64_t>(2 + stream.below(shape.most_output));
    const std::int64_t factor = stream.uniform() < 0.02 ? 40 : 1;
    works.push_back({time, work(i, factor * input, output, shape.arrives_decoding ? 1 : 0)});
  }
  return works;
}

/// All are submitted in order, with advance() to each.
inline std::vector<UnitEvent> play_all(ServingUnit& unit, const std::vector<TimedWork>& works) {
  std::vector<UnitEvent> events;
  for (const TimedWork& timed : works) {
    unit.advance(timed.time_s, events);
    unit.submit(timed.time_s, timed.work);
  }
  const auto rest = play(unit);
  events.insert(events.end(), rest.begin(), rest.end());
  return events;
}

/// Cases that reach all branches: roles, chunks, memory that runs out, batches that are full.
struct UnitCase {
  const char* name;
  PoolRole role;
  int ranks;
  std::int64_t blocks;
  std::int64_t budget;
  bool chunked;
  bool prefill_first;
  std::int64_t max_batch;
  double mean_gap_s;
};

inline const std::vector<UnitCase>& unit_cases() {
  static const std::vector<UnitCase> cases{
      {"decode", PoolRole::decode, 1, 1 << 20, 512, true, true, 256, 0.02},
      {"decode_ranks", PoolRole::decode, 5, 1 << 20, 512, true, true, 256, 0.005},
      {"decode_small_memory", PoolRole::decode, 2, 200, 512, true, true, 256, 0.01},
      {"decode_small_batch", PoolRole::decode, 3, 1 << 20, 512, true, true, 4, 0.02},
      {"prefill_chunked", PoolRole::prefill, 3, 1000, 512, true, true, 256, 0.02},
      {"prefill_whole", PoolRole::prefill, 2, 1000, 512, false, true, 256, 0.02},
      {"colocated_first", PoolRole::colocated, 1, 1 << 20, 512, true, true, 256, 0.02},
      {"colocated_mixed", PoolRole::colocated, 2, 1 << 20, 512, true, false, 256, 0.02},
      {"colocated_mixed_memory", PoolRole::colocated, 1, 150, 300, true, false, 256, 0.03},
      {"colocated_first_memory", PoolRole::colocated, 2, 150, 300, true, true, 256, 0.02},
      {"colocated_whole_memory", PoolRole::colocated, 2, 120, 300, false, false, 256, 0.02},
      {"colocated_tiny_memory", PoolRole::colocated, 1, 60, 4096, true, true, 256, 0.05},
  };
  return cases;
}

inline UnitSpec spec_of(const UnitCase& of, std::function<double(const StepBatch&)> seconds) {
  UnitSpec spec = unit_spec(of.role, of.ranks, std::move(seconds));
  spec.block_tokens = 16;
  spec.kv_blocks = of.blocks;
  spec.batching.token_budget = of.budget;
  spec.batching.chunked_prefill = of.chunked;
  spec.batching.prefill_first = of.prefill_first;
  spec.batching.max_batch = of.max_batch;
  return spec;
}

inline std::vector<TimedWork> load_of(const UnitCase& of, std::uint64_t seed) {
  LoadShape shape;
  shape.mean_gap_s = of.mean_gap_s;
  shape.arrives_decoding = of.role == PoolRole::decode;
  return random_load(shape, seed);
}

inline double linear_costs(const StepBatch& batch) {
  return 2e-3 + 1e-5 * batch.sequences + 1e-7 * batch.kv_tokens + 2e-5 * batch.prompt_tokens_max +
         1e-8 * batch.prompt_pairs_max;
}

}  // namespace moesim::test
