#include "reports/pictures/span_totals.hpp"

#include <gtest/gtest.h>

#include <random>

#include "reports/pictures/span_exposure.hpp"

namespace moesim::pictures {
namespace {

Span span(double start, double end, int gpu, int lane, int phase = 0) {
  Span made;
  made.start_s = start;
  made.end_s = end;
  made.gpu = made.rank = gpu;
  made.lane = static_cast<std::uint8_t>(lane);
  made.phase = static_cast<std::uint8_t>(phase);
  return made;
}

TEST(ExposedCommunicationTest, IsWhereATransferRunsAndNoComputation) {
  // Computation 1 to 3 and 4 to 6; transfers 2 to 5 on one lane, 3.5 to 7 on another: alone 3 to 4, 6 to 7.
  const SpanTimeline timeline({span(1, 3, 4, 0), span(4, 6, 4, 0), span(2, 5, 4, 1), span(3.5, 7, 4, 2)});
  const SpanTimeline exposed = exposed_communication(timeline, 0);
  ASSERT_EQ(exposed.spans().size(), 2U);
  EXPECT_EQ(exposed.rows()[0].gpu, 4);
  EXPECT_EQ(exposed.spans()[0].start_s, 3);
  EXPECT_EQ(exposed.spans()[0].end_s, 4);
  EXPECT_EQ(exposed.spans()[1].start_s, 6);
  EXPECT_EQ(exposed.spans()[1].end_s, 7);
}

TEST(ExposedCommunicationTest, GpusWithoutComputationHaveNone) {
  EXPECT_TRUE(exposed_communication(SpanTimeline({span(0, 1, 0, 1)}), 0).rows().empty());
  EXPECT_TRUE(exposed_communication(SpanTimeline({span(0, 1, 0, 0), span(0, 1, 0, 1)}), 0).rows().empty());
}

TEST(RangeTotalsTest, ComputationExposedAndIdleFillTheRange) {
  const SpanTimeline timeline({span(1, 3, 0, 0, 7), span(4, 6, 0, 0, 8), span(2, 5, 0, 1, 9),
                               span(0, 8, 1, 0, 7), span(2, 2, 0, 1, 9)});
  const SpanTimeline exposed = exposed_communication(timeline, 0);
  // GPU 0 of 2 to 5: 1 + 1 s of computation, 1 s alone; GPU 1 computes throughout.
  const RangeTotals totals = totals_of(timeline, exposed, 0, 2, 5);
  EXPECT_EQ(totals.num_gpus, 2U);
  EXPECT_DOUBLE_EQ(totals.length_s, 3);
  EXPECT_DOUBLE_EQ(totals.computation_s, 5);
  EXPECT_DOUBLE_EQ(totals.exposed_s, 1);
  EXPECT_DOUBLE_EQ(totals.idle_s, 0);
  ASSERT_EQ(totals.phases.size(), 3U);
  EXPECT_EQ(totals.phases[0].phase, 7);
  EXPECT_DOUBLE_EQ(totals.phases[0].seconds, 4);
  EXPECT_EQ(totals.phases[0].num_spans, 2U);
  EXPECT_EQ(totals.phases[2].num_spans, 2U);
  EXPECT_DOUBLE_EQ(totals.phases[2].seconds, 3);
  // The range is cut to the timeline: 0 to 8, GPU 0 is idle in 0 to 1 and 6 to 8.
  EXPECT_DOUBLE_EQ(totals_of(timeline, exposed, 0, -5, 50).idle_s, 3);
}

TEST(RangeTotalsTest, RandomRangesAddUpToGpusTimesLength) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> length(0, 1);
  std::vector<Span> spans;
  for (int gpu = 0; gpu < 3; ++gpu)
    for (int lane = 0; lane < 3; ++lane)
      for (double now = 0; now < 50;) {
        now += length(random);
        const double end = now + length(random);
        spans.push_back(span(now, end, gpu, lane, lane));
        now = end;
      }
  const SpanTimeline timeline(spans);
  const SpanTimeline exposed = exposed_communication(timeline, 0);
  for (int i = 0; i < 50; ++i) {
    const double start = 45 * length(random);
    const double end = start + 4 * length(random);
    const RangeTotals totals = totals_of(timeline, exposed, 0, start, end);
    // By counting of 1 ms steps: exposed where lane 1 or 2 runs and lane 0 does not.
    double counted = 0;
    constexpr double kStep = 1e-3;
    for (double t = start + 0.5 * kStep; t < end; t += kStep)
      for (int gpu = 0; gpu < 3; ++gpu) {
        bool computes = false;
        bool transfers = false;
        for (const Span& one : spans) {
          if (one.gpu != gpu || t < one.start_s || t >= one.end_s) continue;
          (one.lane == 0 ? computes : transfers) = true;
        }
        counted += transfers && !computes ? kStep : 0;
      }
    EXPECT_NEAR(totals.exposed_s, counted, 0.03);
    EXPECT_NEAR(totals.computation_s + totals.exposed_s + totals.idle_s, 3 * totals.length_s, 1e-9);
  }
}

}  // namespace
}  // namespace moesim::pictures
