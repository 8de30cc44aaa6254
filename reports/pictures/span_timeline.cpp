#include "reports/pictures/span_timeline.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace moesim::pictures {

SpanTimeline::SpanTimeline(std::vector<Span> spans) : spans_(std::move(spans)) {
  if (spans_.empty()) return;
  std::ranges::stable_sort(
      spans_, {}, [](const Span& span) { return std::tuple(span.gpu, span.lane, span.start_s, span.end_s); });
  start_s_ = spans_.front().start_s;
  end_s_ = spans_.front().end_s;
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    const Span& span = spans_[i];
    if (rows_.empty() || rows_.back().gpu != span.gpu || rows_.back().lane != span.lane)
      rows_.push_back({span.gpu, span.rank, span.lane, i, i});
    rows_.back().end = i + 1;
    start_s_ = std::min(start_s_, span.start_s);
    end_s_ = std::max(end_s_, span.end_s);
  }
}

}  // namespace moesim::pictures
