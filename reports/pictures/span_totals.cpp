#include "reports/pictures/span_totals.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace moesim::pictures {
namespace {

double part_in(const Span& span, double start_s, double end_s) {
  return std::max(0.0, std::min(span.end_s, end_s) - std::max(span.start_s, start_s));
}

/// Whether a span meets [start_s, end_s); one without length does at its place.
bool meets(const Span& span, double start_s, double end_s) {
  return span.start_s < end_s && (span.end_s > start_s || span.start_s >= start_s);
}

/// Time that the spans of a row cover, those over each other once.
double cover_s(const SpanTimeline& timeline, std::size_t row, double start_s, double end_s) {
  const IndexRange range = timeline.within(row, start_s, end_s);
  double sum = 0;
  double until = start_s;
  for (std::size_t i = range.first; i < range.end; ++i) {
    const Span& span = timeline.spans()[i];
    sum += part_in(span, std::max(until, start_s), end_s);
    until = std::max(until, span.end_s);
  }
  return sum;
}

void add_phases(const SpanTimeline& timeline, std::size_t row, double start_s, double end_s,
                std::map<std::pair<std::uint8_t, std::uint8_t>, PhaseTotal>& totals) {
  std::array<PhaseTotal, 256> own{};
  const IndexRange range = timeline.within(row, start_s, end_s);
  for (std::size_t i = range.first; i < range.end; ++i) {
    const Span& span = timeline.spans()[i];
    if (!meets(span, start_s, end_s)) continue;
    own[span.phase].seconds += part_in(span, start_s, end_s);
    ++own[span.phase].num_spans;
  }
  const std::uint8_t lane = timeline.rows()[row].lane;
  for (std::size_t phase = 0; phase < own.size(); ++phase) {
    if (own[phase].num_spans == 0) continue;
    const auto number = static_cast<std::uint8_t>(phase);
    PhaseTotal& total = totals.try_emplace({lane, number}, PhaseTotal{lane, number, 0, 0}).first->second;
    total.seconds += own[phase].seconds;
    total.num_spans += own[phase].num_spans;
  }
}

}  // namespace

RangeTotals totals_of(const SpanTimeline& timeline, const SpanTimeline& exposed, std::uint8_t computation,
                      double start_s, double end_s) {
  RangeTotals all;
  start_s = std::max(start_s, timeline.start_s());
  end_s = std::min(end_s, timeline.end_s());
  all.length_s = std::max(0.0, end_s - start_s);
  std::map<std::pair<std::uint8_t, std::uint8_t>, PhaseTotal> totals;
  std::set<std::int32_t> gpus;
  std::size_t num_computing = 0;
  for (std::size_t row = 0; row < timeline.rows().size(); ++row) {
    gpus.insert(timeline.rows()[row].gpu);
    add_phases(timeline, row, start_s, end_s, totals);
    if (timeline.rows()[row].lane != computation) continue;
    ++num_computing;
    all.computation_s += cover_s(timeline, row, start_s, end_s);
  }
  for (std::size_t row = 0; row < exposed.rows().size(); ++row)
    all.exposed_s += cover_s(exposed, row, start_s, end_s);
  all.num_gpus = gpus.size();
  all.idle_s =
      std::max(0.0, static_cast<double>(num_computing) * all.length_s - all.computation_s - all.exposed_s);
  for (const auto& [key, total] : totals) all.phases.push_back(total);
  std::ranges::stable_sort(all.phases, {},
                           [](const PhaseTotal& total) { return std::tuple(total.lane, -total.seconds); });
  return all;
}

}  // namespace moesim::pictures
