#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/replay/replay_engine.hpp"
#include "sim/engine/simgrid/simgrid_engine.hpp"
#include "sim/results/memory_sink.hpp"

namespace moesim::test {

/// Largest differences of two engines on one input, relative to the makespan.
struct Deviation {
  double gpu_end = 0;    ///< end of a GPU's last operation
  double span = 0;       ///< start or end of a span
  double rank_time = 0;  ///< any of RankTimes

  [[nodiscard]] double largest() const { return std::max({gpu_end, span, rank_time}); }
  void widen(const Deviation& other) {
    gpu_end = std::max(gpu_end, other.gpu_end);
    span = std::max(span, other.span);
    rank_time = std::max(rank_time, other.rank_time);
  }
};

/// Spans lane by lane, those of one lane in the order in which they ran.
inline std::vector<Span> by_lane(std::vector<Span> spans) {
  std::ranges::stable_sort(spans, {}, [](const Span& s) { return std::tuple(s.rank, s.lane); });
  return spans;
}

inline auto identity_of(const Span& s) {
  return std::tuple(s.gpu, s.rank, s.lane, s.layer, s.microbatch, s.phase, s.pass);
}

inline double difference(const RankTimes& a, const RankTimes& b) {
  double d = std::max(std::abs(a.exposed_communication_s - b.exposed_communication_s),
                      std::abs(a.idle_s - b.idle_s));
  for (std::size_t i = 0; i < kNumPassKinds; ++i) d = std::max(d, std::abs(a.pass_s[i] - b.pass_s[i]));
  for (std::size_t i = 0; i < kNumPhases; ++i) d = std::max(d, std::abs(a.phase_s[i] - b.phase_s[i]));
  for (std::size_t i = 0; i < kNumLanes; ++i) d = std::max(d, std::abs(a.busy_s[i] - b.busy_s[i]));
  return d;
}

/// Runs both engines. Fails the test unless both do the same operations: as many, the same spans in the same
/// order on every lane. Returns how far apart their times are.
inline Deviation compare_engines(const EngineInput& input) {
  MemorySink replay_sink;
  MemorySink simgrid_sink;
  const EngineResult a = make_replay_engine()->run(input, replay_sink);
  const EngineResult b = make_simgrid_engine()->run(input, simgrid_sink);
  EXPECT_EQ(a.num_operations, b.num_operations);
  EXPECT_EQ(a.num_operations, input.graph->num_operations() * static_cast<std::uint64_t>(input.members) *
                                  static_cast<std::uint64_t>(input.columns));
  EXPECT_EQ(replay_sink.spans().size(), input.graph->num_operations());
  EXPECT_GT(a.makespan_s, 0);
  EXPECT_TRUE(std::isfinite(a.makespan_s) && std::isfinite(b.makespan_s));
  EXPECT_EQ(a.gpu_end_s.size(), b.gpu_end_s.size());
  Deviation d;
  for (std::size_t i = 0; i < a.gpu_end_s.size(); ++i) {
    d.gpu_end = std::max(d.gpu_end, std::abs(a.gpu_end_s[i] - b.gpu_end_s[i]) / a.makespan_s);
  }
  for (std::size_t r = 0; r < a.ranks.size(); ++r) {
    d.rank_time = std::max(d.rank_time, difference(a.ranks[r], b.ranks[r]) / a.makespan_s);
  }
  const std::vector<Span> x = by_lane(replay_sink.spans());
  const std::vector<Span> y = by_lane(simgrid_sink.spans());
  EXPECT_EQ(x.size(), y.size());
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    EXPECT_EQ(identity_of(x[i]), identity_of(y[i]));
    d.span = std::max({d.span, std::abs(x[i].start_s - y[i].start_s) / a.makespan_s,
                       std::abs(x[i].end_s - y[i].end_s) / a.makespan_s});
  }
  return d;
}

/// Writes the differences into the test's report (--gtest_output).
inline void record(const Deviation& d) {
  ::testing::Test::RecordProperty("gpu_end", fmt::format("{:.1e}", d.gpu_end));
  ::testing::Test::RecordProperty("span", fmt::format("{:.1e}", d.span));
  ::testing::Test::RecordProperty("rank_time", fmt::format("{:.1e}", d.rank_time));
}

/// Both engines do the same operations at times that differ by less than `limit` of the makespan.
inline void expect_agreement(const EngineInput& input, double limit) {
  const Deviation d = compare_engines(input);
  record(d);
  EXPECT_LT(d.largest(), limit);
}

}  // namespace moesim::test
