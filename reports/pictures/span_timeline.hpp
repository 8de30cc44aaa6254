#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "reports/pictures/span_row.hpp"
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

/// Spans of a result by row, each row in the order of starts, then ends, with its levels of detail.
/// About 45 bytes a span, 80 while it is made.
class SpanTimeline {
 public:
  SpanTimeline() = default;
  /// `progress` gets the share of the work that is done and ends it with false, after which there is nothing.
  explicit SpanTimeline(std::vector<Span> spans, const std::function<bool(double)>& progress = {});

  [[nodiscard]] std::span<const Span> spans() const { return spans_; }
  [[nodiscard]] std::span<const Span> spans(const TimelineRow& row) const {
    return spans().subspan(row.first, row.end - row.first);
  }
  /// By GPU, then lane.
  [[nodiscard]] std::span<const TimelineRow> rows() const { return rows_; }
  /// Of the earliest start and the latest end, seconds; 0 without spans.
  [[nodiscard]] double start_s() const { return start_s_; }
  [[nodiscard]] double end_s() const { return end_s_; }
  /// Spans left out because a time is no number or the end is before the start.
  [[nodiscard]] std::size_t num_unusable() const { return num_unusable_; }

  /// Fills `pixels`, [window.width], with what the window has of rows()[row]; see SpanRow::draw().
  void draw(std::size_t row, const TimeWindow& window, std::span<SpanPixel> pixels) const {
    details_[row].draw(spans(rows_[row]), window, pixels);
  }
  /// The spans of rows()[row] that meet [start_s, end_s), as indexes into spans(); see SpanRow::within().
  [[nodiscard]] IndexRange within(std::size_t row, double start_s, double end_s) const {
    const IndexRange own = details_[row].within(spans(rows_[row]), start_s, end_s);
    return {own.first + rows_[row].first, own.end + rows_[row].first};
  }

 private:
  bool make_rows(std::vector<Span>& spans, const std::function<bool(double)>& progress);
  bool order_rows(const std::function<bool(double)>& progress);

  std::vector<Span> spans_;
  std::vector<TimelineRow> rows_;
  std::vector<SpanRow> details_;  // [rows]
  double start_s_ = 0;
  double end_s_ = 0;
  std::size_t num_unusable_ = 0;
};

}  // namespace moesim::pictures
