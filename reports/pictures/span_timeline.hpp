#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim::pictures {

/// The spans of one lane of one GPU.
struct TimelineRow {
  std::int32_t gpu = 0;
  std::int32_t rank = 0;  ///< pipeline rank
  std::uint8_t lane = 0;
  std::size_t first = 0;  ///< spans [first, end) of the timeline
  std::size_t end = 0;
};

/// Spans of a result by row, each row in the order of their starts.
class SpanTimeline {
 public:
  SpanTimeline() = default;
  explicit SpanTimeline(std::vector<Span> spans);

  [[nodiscard]] std::span<const Span> spans() const { return spans_; }
  [[nodiscard]] std::span<const Span> spans(const TimelineRow& row) const {
    return spans().subspan(row.first, row.end - row.first);
  }
  /// By GPU, then lane.
  [[nodiscard]] std::span<const TimelineRow> rows() const { return rows_; }
  /// Of the earliest start and the latest end, seconds; 0 without spans.
  [[nodiscard]] double start_s() const { return start_s_; }
  [[nodiscard]] double end_s() const { return end_s_; }

 private:
  std::vector<Span> spans_;
  std::vector<TimelineRow> rows_;
  double start_s_ = 0;
  double end_s_ = 0;
};

}  // namespace moesim::pictures
