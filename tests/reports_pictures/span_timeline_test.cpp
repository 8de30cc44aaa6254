#include "reports/pictures/span_timeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace moesim::pictures {
namespace {

/// What each pixel has, span by span.
std::vector<SpanPixel> drawn_plainly(std::span<const Span> spans, const TimeWindow& window) {
  std::vector<SpanPixel> pixels(static_cast<std::size_t>(window.width));
  for (std::size_t i = 0; i < spans.size(); ++i) {
    for (int x = 0; x < window.width; ++x) {
      const double low = window.edge_s(x);
      const double high = x + 1 == window.width ? window.end_s : window.edge_s(x + 1);
      const bool starts_here = spans[i].start_s >= low && spans[i].start_s < high;
      if (!starts_here && !(spans[i].start_s < high && spans[i].end_s > low)) continue;
      const double part = (std::min(spans[i].end_s, high) - std::max(spans[i].start_s, low)) / (high - low);
      SpanPixel& pixel = pixels[static_cast<std::size_t>(x)];
      pixel.covered += static_cast<float>(part);
      if (pixel.is_touched() && static_cast<float>(part) <= pixel.longest) continue;
      pixel.longest = static_cast<float>(part);
      pixel.span = static_cast<std::uint32_t>(i);
    }
  }
  return pixels;
}

enum class Kind { dense, sparse, overlapping, without_length };

/// 1/1024 s is the least length, so that sums of times are exact in double.
std::vector<Span> random_spans(Kind kind, std::size_t num, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> length(1, kind == Kind::sparse ? 200 : 12);
  std::uniform_int_distribution<int> gap(0, kind == Kind::sparse ? 900 : 3);
  std::vector<Span> spans(num);
  double now = 0;
  for (Span& span : spans) {
    now += gap(random) / 1024.0;
    span.start_s = now;
    span.end_s = now + (kind == Kind::without_length && gap(random) > 0 ? 0 : length(random) / 1024.0);
    if (kind != Kind::overlapping) now = span.end_s;
    span.phase = static_cast<std::uint8_t>(random() % 7);
  }
  return spans;
}

struct Zoom {
  double first;  ///< of the time of all spans
  double share;
  int width;
};

class SpanRowTest : public testing::TestWithParam<Kind> {};

/// Calls `check` with the pixels of rows of several lengths at several zooms, and those drawn plainly.
template <class Check>
void for_each_drawing(Kind kind, std::initializer_list<Zoom> zooms, const Check& check) {
  for (const std::size_t num : {1U, 3U, 4U, 5U, 17U, 64U, 1000U, 3001U}) {
    const auto spans = random_spans(kind, num, static_cast<std::uint32_t>(num));
    const SpanRow row(spans);
    const double length = spans.back().end_s + 0.01;
    for (const Zoom& zoom : zooms) {
      const TimeWindow window{zoom.first * length, (zoom.first + zoom.share) * length, zoom.width};
      std::vector<SpanPixel> pixels(static_cast<std::size_t>(zoom.width), SpanPixel{5, 5, 5});
      row.draw(spans, window, pixels);
      check(spans, window, pixels, drawn_plainly(spans, window));
    }
  }
}

TEST_P(SpanRowTest, PixelsAreThoseOfEverySpanDrawnPlainly) {
  const auto check = [](const auto& spans, const TimeWindow& window, const auto& pixels, const auto& plain) {
    // No four neighbours in a pixel: none are drawn as one.
    for (std::size_t i = 3; i < spans.size(); ++i)
      if ((spans[i].end_s - spans[i - 3].start_s) * window.width <= window.end_s - window.start_s) return;
    for (std::size_t x = 0; x < pixels.size(); ++x) {
      // What only meets a pixel by rounding is in either, and so is a start without length on an edge.
      if (std::max(pixels[x].covered, plain[x].covered) > 1e-6F) {
        ASSERT_EQ(pixels[x].is_touched(), plain[x].is_touched()) << x;
      }
      const bool is_near = pixels[x].is_touched() || (x > 0 && pixels[x - 1].is_touched());
      ASSERT_TRUE(!plain[x].is_touched() || is_near) << x;
      if (!pixels[x].is_touched() || !plain[x].is_touched()) continue;
      ASSERT_NEAR(pixels[x].covered, plain[x].covered, 1e-4) << x;
      ASSERT_NEAR(pixels[x].longest, plain[x].longest, 1e-4) << x;
    }
  };
  for_each_drawing(GetParam(),
                   {{0, 1, 1},
                    {0, 1, 2000},
                    {0, 1, 20'000},
                    {0.3, 0.1, 500},
                    {0.61, 0.01, 40},
                    {0.9, 0.5, 4000},
                    {0.5, 0.0003, 30},
                    {2, 1, 9}},
                   check);
}

TEST_P(SpanRowTest, FarOutPixelsAreRightToAPixel) {
  const auto check = [](const auto& spans, const TimeWindow& window, const auto& pixels, const auto& plain) {
    double sum = 0;
    double plain_sum = 0;
    double thickest = 1;
    for (std::size_t x = 0; x < pixels.size(); ++x) {
      thickest = std::max<double>(thickest, plain[x].covered);
      // Nothing is lost, and nothing is made up more than a pixel away.
      if (plain[x].is_touched() && plain[x].covered > 1e-6F) {
        ASSERT_TRUE(pixels[x].is_touched()) << x;
      }
      const bool is_near = plain[x].is_touched() || (x > 0 && plain[x - 1].is_touched()) ||
                           (x + 1 < plain.size() && plain[x + 1].is_touched());
      ASSERT_TRUE(!pixels[x].is_touched() || is_near || x == 0 || x + 1 == plain.size()) << x;
      sum += pixels[x].covered;
      plain_sum += plain[x].covered;
      ASSERT_NEAR(sum, plain_sum, 1.5 * thickest + 1e-4 * plain_sum) << x;
      if (!pixels[x].is_touched()) continue;
      const Span& shown = spans[pixels[x].span];
      const double room = (window.end_s - window.start_s) / window.width * 1.001;
      ASSERT_LE(shown.start_s, window.edge_s(static_cast<int>(x) + 1) + room);
      ASSERT_GE(shown.end_s, window.edge_s(static_cast<int>(x)) - room);
    }
    ASSERT_NEAR(sum, plain_sum, 1.5 * thickest + 1e-4 * plain_sum);
  };
  for_each_drawing(
      GetParam(),
      {{0, 1, 1}, {0, 1, 7}, {0, 1, 64}, {-0.2, 1.5, 33}, {0.3, 0.1, 50}, {0.3, 0.7, 300}, {2, 1, 9}}, check);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SpanRowTest,
                         testing::Values(Kind::dense, Kind::sparse, Kind::overlapping, Kind::without_length));

TEST(SpanRowTest, AShortSpanAmongManyIsNeverLost) {
  // One span of a nanosecond in a row of an hour: each window that has it shows it.
  std::vector<Span> spans(1);
  spans[0].start_s = 1234.5;
  spans[0].end_s = 1234.5 + 1e-9;
  const SpanRow row(spans);
  for (const double first : {0.0, 100.1, 1200.7, 1234.4999}) {
    std::vector<SpanPixel> pixels(101);
    row.draw(spans, {first, 3600, 101}, pixels);
    EXPECT_EQ(std::ranges::count_if(pixels, &SpanPixel::is_touched), 1) << first;
  }
}

TEST(SpanRowTest, EndsOnEdgesAreBeforeTheNextPixel) {
  std::vector<Span> spans(1);
  spans[0].start_s = 1;
  spans[0].end_s = 3;
  std::vector<SpanPixel> pixels(4);
  SpanRow(spans).draw(spans, {0, 4, 4}, pixels);
  EXPECT_FALSE(pixels[0].is_touched());
  EXPECT_EQ(pixels[1].covered, 1);
  EXPECT_EQ(pixels[2].covered, 1);
  EXPECT_FALSE(pixels[3].is_touched());
}

TEST(SpanRowTest, WithinFindsTheSpansOfARange) {
  const auto spans = random_spans(Kind::sparse, 500, 3);
  const SpanRow row(spans);
  for (const double start : {0.0, 1.7, 20.3, 1e6}) {
    const auto range = row.within(spans, start, start + 5);
    for (std::size_t i = 0; i < spans.size(); ++i) {
      const bool meets = spans[i].end_s >= start && spans[i].start_s < start + 5;
      EXPECT_EQ(meets, range.first <= i && i < range.end) << i;
    }
  }
}

Span span(double start, double end, int gpu, int lane) {
  Span made;
  made.start_s = start;
  made.end_s = end;
  made.gpu = gpu;
  made.rank = gpu / 2;
  made.lane = static_cast<std::uint8_t>(lane);
  return made;
}

TEST(SpanTimelineTest, RowsAreInTheOrderOfGpusLanesAndStarts) {
  const SpanTimeline timeline(
      {span(5, 6, 1, 0), span(3, 4, 0, 1), span(2, 9, 0, 0), span(2, 3, 0, 0), span(0.5, 1, 1, 0)});
  ASSERT_EQ(timeline.rows().size(), 3U);
  EXPECT_EQ(timeline.rows()[1].lane, 1);
  EXPECT_EQ(timeline.rows()[2].gpu, 1);
  EXPECT_EQ(timeline.spans(timeline.rows()[0])[0].end_s, 3);
  EXPECT_EQ(timeline.spans(timeline.rows()[2])[0].start_s, 0.5);
  EXPECT_EQ(timeline.start_s(), 0.5);
  EXPECT_EQ(timeline.end_s(), 9);
}

TEST(SpanTimelineTest, SpansWithoutUsableTimesAreCounted) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const SpanTimeline timeline({span(nan, 1, 0, 0), span(0, inf, 0, 0), span(2, 1, 0, 0), span(1, 2, 0, 0)});
  EXPECT_EQ(timeline.spans().size(), 1U);
  EXPECT_EQ(timeline.num_unusable(), 3U);
  EXPECT_TRUE(SpanTimeline({span(nan, 1, 0, 0)}).rows().empty());
}

TEST(SpanTimelineTest, MakingItEndsWhereProgressSaysSo) {
  std::vector<double> told;
  std::vector<Span> spans(2'000'000);
  for (std::size_t i = 0; i < spans.size(); ++i)
    spans[i] = span(static_cast<double>(i), static_cast<double>(i + 1), static_cast<int>(i % 5), 0);
  const SpanTimeline whole(spans, [&](double share) {
    told.push_back(share);
    return true;
  });
  EXPECT_EQ(whole.rows().size(), 5U);
  EXPECT_GE(told.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), 1);
  for (const double until : {0.0, 0.15, 0.45, 0.9})
    EXPECT_TRUE(SpanTimeline(spans, [&](double share) { return share < until; }).rows().empty()) << until;
}

}  // namespace
}  // namespace moesim::pictures
