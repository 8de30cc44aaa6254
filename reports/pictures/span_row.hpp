#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim::pictures {

/// Seconds [start_s, end_s) that fill `width` pixels.
struct TimeWindow {
  double start_s = 0;
  double end_s = 1;  ///< above start_s
  int width = 1;

  /// Where a pixel starts; the one after the last ends there.
  [[nodiscard]] double edge_s(int pixel) const { return start_s + pixel * ((end_s - start_s) / width); }
  /// Pixels from the left, with their parts; below 0 and above `width` outside of the window.
  [[nodiscard]] double position(double time_s) const {
    return (time_s - start_s) * (width / (end_s - start_s));
  }
};

/// Spans [first, end) of a row.
struct IndexRange {
  std::size_t first = 0;
  std::size_t end = 0;
};

/// What a row of spans has in one pixel.
struct SpanPixel {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t span =
      kNone;          ///< in its row: the one with the longest part in the pixel, of equals the first
  float longest = 0;  ///< that part, in pixels; 0 for a span without length
  float covered = 0;  ///< of all parts together; above 1 where spans lie over each other

  [[nodiscard]] bool is_touched() const { return span != kNone; }
};

/// Levels of detail of the spans of one row, which are in the order of their starts: level k sums up kFan^k
/// neighbours, so that any window is drawn from O(width kFan + log spans) of them, however many there are.
/// 32 bytes for every kFan - 1 spans, about.
class SpanRow {
 public:
  static constexpr std::size_t kFan = 2;

  SpanRow() = default;
  /// Times must be finite, no end before its start. At most 2^32 - 2 spans.
  explicit SpanRow(std::span<const Span> spans);

  /// Fills `pixels`, [window.width], with what the window has of the row. `spans` are those it was made of.
  /// Every pixel that a span touches is touched. Neighbours that take no more than a pixel together may be
  /// drawn as one, evenly over the time from the first start to the last end: what a pixel has is exact but
  /// for them, and then right to a pixel at its edges. Callable from several threads.
  void draw(std::span<const Span> spans, const TimeWindow& window, std::span<SpanPixel> pixels) const;

  /// Spans from the first one that ends at `start_s` or later up to, not including, those that start at
  /// `end_s` or later; only where spans lie over each other it holds some that end before. O(log spans).
  [[nodiscard]] IndexRange within(std::span<const Span> spans, double start_s, double end_s) const;

 private:
  struct Block {
    double start_s;
    double end_s;     // the latest
    float covered_s;  // lengths summed up
    float longest_s;
    std::uint32_t longest;
    float density;  // covered_s over the time from start to end
  };
  template <bool kIsDisjoint>
  class Drawing;
  [[nodiscard]] std::size_t num_levels() const { return level_first_.size() - 1; }
  /// Blocks of a level, from 1, the finest.
  [[nodiscard]] std::span<const Block> level(std::size_t number) const {
    return std::span(blocks_).subspan(level_first_[number - 1],
                                      level_first_[number] - level_first_[number - 1]);
  }
  [[nodiscard]] std::size_t first_ending_from(std::span<const Span> spans, double time_s) const;
  static Block joined(std::span<const Block> blocks);

  bool is_disjoint_ = true;                   // no span starts before the one before ends
  std::vector<Block> blocks_;                 // of all levels, the finest first
  std::vector<std::size_t> level_first_{0U};  // into blocks_, and the end of the last level
};

}  // namespace moesim::pictures
