#include "reports/pictures/span_timeline.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace moesim::pictures {
namespace {

constexpr std::size_t kReportEvery = 1U << 19U;  ///< spans

bool is_usable(const Span& span) {
  return std::isfinite(span.start_s) && std::isfinite(span.end_s) && span.start_s <= span.end_s;
}

bool is_before(const Span& a, const Span& b) {
  return std::tie(a.start_s, a.end_s) < std::tie(b.start_s, b.end_s);
}

/// Tells where the work is, every now and then: from `from` to `to` of the whole.
class Steps {
 public:
  Steps(const std::function<bool(double)>& progress, double from, double to, std::size_t num)
      : progress_(progress),
        from_(from),
        share_((to - from) / static_cast<double>(std::max<std::size_t>(num, 1))) {}
  /// False where it is to end.
  bool done(std::size_t num) {
    if (!progress_ || num < next_) return true;
    next_ = num + kReportEvery;
    return progress_(from_ + share_ * static_cast<double>(num));
  }

 private:
  const std::function<bool(double)>& progress_;
  double from_;
  double share_;
  std::size_t next_ = 0;
};

/// Rows in the order in which they come up.
class RowNumbers {
 public:
  std::uint32_t of(const Span& span) {
    const std::uint64_t key =
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(span.gpu)) << 8U | span.lane;
    if (key == last_key_ && !rows_.empty()) return last_;
    const auto [at, is_new] = numbers_.try_emplace(key, static_cast<std::uint32_t>(rows_.size()));
    if (is_new) rows_.push_back({span.gpu, span.rank, span.lane, 0, 0});
    last_key_ = key;
    return last_ = at->second;
  }
  [[nodiscard]] std::vector<TimelineRow>& rows() { return rows_; }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<TimelineRow> rows_;
  std::uint64_t last_key_ = 0;
  std::uint32_t last_ = 0;
};

/// Puts the rows in order, with the places of their spans; `count` is how many each has. Gives the next place
/// for each old number.
std::vector<std::size_t> place_rows(std::vector<TimelineRow>& rows, const std::vector<std::size_t>& count) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t row) { return std::tuple(rows[row].gpu, rows[row].lane); });
  std::vector<TimelineRow> placed;
  std::vector<std::size_t> next(rows.size());
  std::size_t first = 0;
  for (const std::size_t row : order) {
    next[row] = first;
    placed.push_back(rows[row]);
    placed.back().first = first;
    placed.back().end = first += count[row];
  }
  rows = std::move(placed);
  return next;
}

}  // namespace

SpanTimeline::SpanTimeline(std::vector<Span> spans, const std::function<bool(double)>& progress) {
  const bool is_whole = make_rows(spans, progress) && order_rows(progress) && (!progress || progress(1));
  if (!is_whole) *this = SpanTimeline();
}

/// Moves the spans into spans_ by row, as they come within each.
bool SpanTimeline::make_rows(std::vector<Span>& spans, const std::function<bool(double)>& progress) {
  num_unusable_ = spans.size();
  std::erase_if(spans, [](const Span& span) { return !is_usable(span); });
  num_unusable_ -= spans.size();
  RowNumbers numbers;
  std::vector<std::uint32_t> row_of(spans.size());
  std::vector<std::size_t> count;
  Steps counting(progress, 0, 0.2, spans.size());
  for (std::size_t i = 0; i < spans.size(); ++i) {
    row_of[i] = numbers.of(spans[i]);
    if (row_of[i] == count.size()) count.push_back(0);
    ++count[row_of[i]];
    if (!counting.done(i)) return false;
  }
  rows_ = std::move(numbers.rows());
  std::vector<std::size_t> next = place_rows(rows_, count);
  spans_.resize(spans.size());
  Steps placing(progress, 0.2, 0.5, spans.size());
  for (std::size_t i = 0; i < spans.size(); ++i) {
    spans_[next[row_of[i]]++] = spans[i];
    if (!placing.done(i)) return false;
  }
  std::vector<Span>().swap(spans);
  return true;
}

bool SpanTimeline::order_rows(const std::function<bool(double)>& progress) {
  if (spans_.empty()) return true;
  details_.reserve(rows_.size());
  start_s_ = spans_.front().start_s;
  end_s_ = spans_.front().end_s;
  Steps ordering(progress, 0.5, 1, spans_.size());
  for (TimelineRow& row : rows_) {
    if (!ordering.done(row.first)) return false;
    const auto own = std::span(spans_).subspan(row.first, row.end - row.first);
    // Records come in the order of ends, which is mostly that of starts.
    if (!std::ranges::is_sorted(own, is_before)) std::ranges::stable_sort(own, is_before);
    row.rank = own.front().rank;
    start_s_ = std::min(start_s_, own.front().start_s);
    for (const Span& span : own) end_s_ = std::max(end_s_, span.end_s);
    details_.emplace_back(own);
  }
  return true;
}

}  // namespace moesim::pictures
