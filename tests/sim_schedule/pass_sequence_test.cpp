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
  EXPECT_EQ(text(pass_sequence({ScheduleKind::one_f_one_b, 3, 4}, 0), false), "F0 F1 F2 B0 F3 B1 B2 B3");
  EXPECT_EQ(text(pass_sequence({ScheduleKind::one_f_one_b, 3, 4}, 2), false), "F0 B0 F1 B1 F2 B2 F3 B3");
}

TEST(OneFOneB, FewerMicrobatchesThanRanksAreAllWarmup) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::one_f_one_b, 4, 2}, 0), false), "F0 F1 B0 B1");
}

// Two ranks, both of them middle ranks (half-rank 0): steps 2, 4 (two rounds for 6 micro-batches: 3 - 2 + 0 +
// 1), 6 and 8 remain; the first main pair is split.
TEST(DualPipe, SmallestPipelineInFull) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::dualpipe, 2, 6}, 0), true),
            "0:F0 1:F3 0:F1 1:B3 1:F4&0:B0 0:F2&1:B4 1:F5&0:B1 1:B5 0:b2 0:W2");
  EXPECT_EQ(text(pass_sequence({ScheduleKind::dualpipe, 2, 6}, 1), true),
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
    const std::vector<PassStep> steps = pass_sequence({ScheduleKind::dualpipe, 16, 120}, rank);
    EXPECT_EQ(count(steps, PassKind::forward), 23 - r + split);
    EXPECT_EQ(count(steps, PassKind::backward), 23 - r + split);
    EXPECT_EQ(count(steps, PassKind::forward_backward), 97 + r - split);
    EXPECT_EQ(count(steps, PassKind::weight), 15 - r);
    EXPECT_EQ(std::count_if(steps.begin(), steps.end(), [](const PassStep& s) { return s.defers_weight; }),
              15 - r);
  }
}

TEST(GPipe, RunsTheBackwardsFromTheLast) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::gpipe, 3, 3}, 1), false), "F0 F1 F2 B2 B1 B0");
}

// Megatron-LM: warm-up of 2 (PP-1-rank) + (v-1) PP passes: 4 on rank 0 and 2 on rank 1 for PP 2, v 2.
TEST(Interleaved, GroupsOfPipelineRanksTakeTheChunksInTurn) {
  const ScheduleShape shape{ScheduleKind::interleaved_1f1b, 2, 4, 2};
  EXPECT_EQ(text(pass_sequence(shape, 0), true),
            "0:F0 0:F1 1:F0 1:F1 0:F2 1:B0 0:F3 1:B1 1:F2 0:B0 1:F3 0:B1 1:B2 1:B3 0:B2 0:B3");
  EXPECT_EQ(text(pass_sequence(shape, 1), true),
            "0:F0 0:F1 1:F0 1:B0 1:F1 1:B1 0:F2 0:B0 0:F3 0:B1 1:F2 1:B2 1:F3 1:B3 0:B2 0:B3");
}

TEST(Overlap, OneMoreWarmupForwardThenPairsOfDifferentMicrobatches) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::one_f_one_b_overlap, 1, 4}, 0), false),
            "F0 F1&B0 F2&B1 F3&B2 B3");
  EXPECT_EQ(text(pass_sequence({ScheduleKind::one_f_one_b_overlap, 2, 4, 2}, 1), true),
            "0:F0 0:F1 1:F0 1:F1&1:B0 0:F2&1:B1 0:F3&0:B0 1:F2&0:B1 1:F3&1:B2 1:B3 0:B2 0:B3");
}

// ZB-H1 with 3 ranks: rank r keeps r weight passes back.
TEST(Zb1p, RankKeepsAsManyWeightPassesBackAsRanksBeforeIt) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::zb1p, 3, 3}, 0), false), "F0 F1 F2 b0 W0 b1 W1 b2 W2");
  EXPECT_EQ(text(pass_sequence({ScheduleKind::zb1p, 3, 3}, 2), false), "F0 b0 F1 b1 F2 b2 W0 W1 W2");
}

TEST(Zbv, BothChunksTakeTurns) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::zbv, 2, 3}, 0), true),
            "0:F0 0:F1 0:F2 1:F0 1:b0 1:W0 1:F1 1:b1 1:W1 0:b0 0:W0 1:F2 1:b2 1:W2 0:b1 0:W1 0:b2 0:W2");
  EXPECT_EQ(text(pass_sequence({ScheduleKind::zbv, 2, 1}, 1), true), "0:F0 1:F0 1:b0 1:W0 0:b0 0:W0");
}

// DualPipe's rank 0 of 2 with its chunks as one pipeline.
TEST(DualPipeV, SmallestPipelineInFull) {
  EXPECT_EQ(text(pass_sequence({ScheduleKind::dualpipev, 1, 3}, 0), true),
            "0:F0 1:F0 0:F1 1:B0 1:F1&0:B0 0:F2&1:B1 1:F2&0:B1 1:B2 0:b2 0:W2");
}

// Table 2 of the DeepSeek-V3 report: PP activations for 1F1B (on its first rank), PP + 1 for DualPipe;
// Megatron-LM: PP (1 + (PP-1) / (PP v)) micro-batches of a rank's v stages for interleaved 1F1B.
TEST(PeakInflight, PublishedActivationCounts) {
  EXPECT_EQ(peak_inflight({ScheduleKind::one_f_one_b, 16, 120}, 0), 16);
  EXPECT_EQ(peak_inflight({ScheduleKind::one_f_one_b, 16, 120}, 15), 1);
  EXPECT_EQ(peak_inflight({ScheduleKind::one_f_one_b, 16, 4}, 0), 4);
  EXPECT_EQ(peak_inflight({ScheduleKind::dualpipe, 16, 120}, 0), 17);
  EXPECT_EQ(peak_inflight({ScheduleKind::dualpipev, 8, 60}, 0), 17);
  EXPECT_EQ(peak_inflight({ScheduleKind::gpipe, 16, 120}, 5), 120);
  EXPECT_EQ(peak_inflight({ScheduleKind::interleaved_1f1b, 8, 64, 4}, 0), 8 * 4 + 7);
  EXPECT_EQ(peak_kept({ScheduleKind::zb1p, 16, 120}, 9), 16);
  EXPECT_EQ(peak_kept({ScheduleKind::zbv, 8, 120}, 3), 16);
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
