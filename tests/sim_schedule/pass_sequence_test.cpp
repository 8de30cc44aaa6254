#include "sim/schedule/pass_sequence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace moesim {
namespace {

long count(const std::vector<PassStep>& steps, PassKind kind) {
  return std::count_if(steps.begin(), steps.end(), [&](const PassStep& step) { return step.kind == kind; });
}

/// "F0 B0" for 1F1B; DualPipe halves carry the chunk as a prefix: "1:F4", pairs are joined with "&", a
/// backward of inputs only is a small b.
std::string text(const std::vector<PassStep>& steps, bool with_chunks) {
  std::string out;
  const auto half = [&](const char* letter, int chunk, int microbatch) {
    if (with_chunks) out += std::to_string(chunk) + ":";
    out += letter + std::to_string(microbatch);
  };
  for (const PassStep& step : steps) {
    if (!out.empty()) out += ' ';
    if (step.chunk_f >= 0) half("F", step.chunk_f, step.microbatch_f);
    if (step.kind == PassKind::forward_backward) out += '&';
    const char* letter = step.kind == PassKind::weight ? "W" : step.defers_weight ? "b" : "B";
    if (step.chunk_b >= 0) half(letter, step.chunk_b, step.microbatch_b);
  }
  return out;
}

TEST(OneFOneB, AlternatesAfterTheWarmup) {
  EXPECT_EQ(text(one_f_one_b(0, 3, 4), false), "F0 F1 F2 B0 F3 B1 B2 B3");
  EXPECT_EQ(text(one_f_one_b(2, 3, 4), false), "F0 B0 F1 B1 F2 B2 F3 B3");
}

TEST(OneFOneB, FewerMicrobatchesThanRanksAreAllWarmup) {
  EXPECT_EQ(text(one_f_one_b(0, 4, 2), false), "F0 F1 B0 B1");
}

// Two ranks, both of them middle ranks (half-rank 0): steps 2, 4 (two rounds for 6 micro-batches: 3 - 2 + 0 +
// 1), 6 and 8 remain; the first main pair is split.
TEST(DualPipe, SmallestPipelineInFull) {
  EXPECT_EQ(text(dualpipe(0, 2, 6), true),
            "0:F0 1:F3 0:F1 1:B3 1:F4&0:B0 0:F2&1:B4 1:F5&0:B1 1:B5 0:b2 0:W2");
  EXPECT_EQ(text(dualpipe(1, 2, 6), true),
            "1:F3 0:F0 1:F4 0:B0 0:F1&1:B3 1:F5&0:B1 0:F2&1:B4 0:B2 1:b5 1:W5");
}

// Published schedule at PP 16 with 120 micro-batches: half-rank r runs 23-r forwards and 23-r backwards
// alone, 97+r pairs and 15-r weight passes; on the two middle ranks one pair is split into a forward and a
// backward.
TEST(DualPipe, PassCountsOfTheDeepSeekV3Pipeline) {
  for (int rank = 0; rank < 16; ++rank) {
    SCOPED_TRACE(rank);
    const int r = std::min(rank, 15 - rank);
    const int split = r == 7 ? 1 : 0;
    const std::vector<PassStep> steps = dualpipe(rank, 16, 120);
    EXPECT_EQ(count(steps, PassKind::forward), 23 - r + split);
    EXPECT_EQ(count(steps, PassKind::backward), 23 - r + split);
    EXPECT_EQ(count(steps, PassKind::forward_backward), 97 + r - split);
    EXPECT_EQ(count(steps, PassKind::weight), 15 - r);
    EXPECT_EQ(std::count_if(steps.begin(), steps.end(), [](const PassStep& s) { return s.defers_weight; }),
              15 - r);
  }
}

TEST(PassSequence, FollowsTheShape) {
  EXPECT_EQ(pass_sequence({ScheduleKind::one_f_one_b, 4, 8}, 1), one_f_one_b(1, 4, 8));
  EXPECT_EQ(pass_sequence({ScheduleKind::dualpipe, 4, 8}, 1), dualpipe(1, 4, 8));
}

// Table 2 of the DeepSeek-V3 report: PP activations for 1F1B (on its first rank), PP + 1 for DualPipe.
TEST(PeakInflight, PublishedActivationCounts) {
  EXPECT_EQ(peak_inflight(ScheduleKind::one_f_one_b, 0, 16, 120), 16);
  EXPECT_EQ(peak_inflight(ScheduleKind::one_f_one_b, 15, 16, 120), 1);
  EXPECT_EQ(peak_inflight(ScheduleKind::one_f_one_b, 0, 16, 4), 4);
  EXPECT_EQ(peak_inflight(ScheduleKind::dualpipe, 0, 16, 120), 17);
}

TEST(Inflight, DeferredWeightsAreCountedUntilTheirPass) {
  const std::vector<InFlight> states = inflight({ScheduleKind::dualpipe, 2, 6}, 0);
  ASSERT_EQ(states.size(), 10u);
  EXPECT_EQ(states[8].activations[0], 1);  // the last backward, of inputs only
  EXPECT_EQ(states[8].deferred_weights[0], 0);
  EXPECT_EQ(states[9].activations[0], 0);  // its weight pass
  EXPECT_EQ(states[9].deferred_weights[0], 1);
}

}  // namespace
}  // namespace moesim
