#include "reports/pictures/span_exposure.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace moesim::pictures {
namespace {

struct Interval {
  double start_s = 0;
  double end_s = 0;
};

/// Appends to intervals in the order of starts so that none meets another.
void join(std::vector<Interval>& intervals, Interval next) {
  if (!(next.start_s < next.end_s)) return;
  if (!intervals.empty() && next.start_s <= intervals.back().end_s)
    intervals.back().end_s = std::max(intervals.back().end_s, next.end_s);
  else
    intervals.push_back(next);
}

std::vector<Interval> cover_of(std::vector<Interval> parts) {
  std::ranges::sort(parts, {}, &Interval::start_s);
  std::vector<Interval> cover;
  for (const Interval& part : parts) join(cover, part);
  return cover;
}

/// `all` without what `taken` covers; both as join() makes them.
std::vector<Interval> without(const std::vector<Interval>& all, const std::vector<Interval>& taken) {
  std::vector<Interval> rest;
  std::size_t at = 0;
  for (Interval part : all) {
    while (at < taken.size() && taken[at].end_s <= part.start_s) ++at;
    for (std::size_t i = at; i < taken.size() && taken[i].start_s < part.end_s; ++i) {
      if (part.start_s < taken[i].start_s) rest.push_back({part.start_s, taken[i].start_s});
      part.start_s = taken[i].end_s;
    }
    if (part.start_s < part.end_s) rest.push_back(part);
  }
  return rest;
}

}  // namespace

SpanTimeline exposed_communication(const SpanTimeline& timeline, std::uint8_t computation,
                                   const std::function<bool(double)>& progress) {
  std::vector<Span> exposed;
  const auto rows = timeline.rows();
  for (std::size_t first = 0, end = 0; first < rows.size(); first = end) {
    if (progress && !progress(static_cast<double>(first) / static_cast<double>(rows.size()))) return {};
    std::vector<Interval> busy;
    std::vector<Interval> transfers;
    bool computes = false;
    for (; end < rows.size() && rows[end].gpu == rows[first].gpu; ++end) {
      const bool is_computation = rows[end].lane == computation;
      computes = computes || is_computation;
      auto& parts = is_computation ? busy : transfers;
      for (const Span& span : timeline.spans(rows[end])) parts.push_back({span.start_s, span.end_s});
    }
    if (!computes) continue;
    for (const Interval& part : without(cover_of(std::move(transfers)), cover_of(std::move(busy)))) {
      Span& span = exposed.emplace_back();
      span.start_s = part.start_s;
      span.end_s = part.end_s;
      span.gpu = rows[first].gpu;
      span.rank = rows[first].rank;
      span.lane = computation;
    }
  }
  return SpanTimeline(std::move(exposed));
}

}  // namespace moesim::pictures
