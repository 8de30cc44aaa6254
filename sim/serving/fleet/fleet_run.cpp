#include "sim/serving/fleet/fleet_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace moesim {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kStandstill = 2 * 86400;  // nothing moves for so long: what waits, waits for ever

bool is_closed(const WorkloadSpec& workload) {
  return workload.saturated || workload.concurrency.has_value();
}

}  // namespace

FleetRun::FleetRun(const FleetScenario& scenario, const RunSpan& span, RequestSink& requests,
                   RecordSink& sink)
    : scenario_(scenario),
      span_(span),
      requests_(requests),
      sink_(sink),
      arrivals_(scenario.open(span.from_s), is_closed(scenario.workload), span.from_s, span.until_s),
      roster_(scenario, scenario.seed),
      choice_(scenario, roster_),
      meters_(scenario.pools.size()),
      curves_(scenario, scenario.policy.sample_every.value(), sink),
      spans_(sink),
      closed_(is_closed(scenario.workload)),
      prompts_alone_(scenario.workload.saturated && !choice_.has(PoolRole::decode) &&
                     !choice_.has(PoolRole::colocated)),
      now_(span.from_s),
      progress_s_(span.from_s) {}

FleetResult FleetRun::play(const FleetOptions& options) {
  begin();
  std::int64_t steps = 0;
  while (step()) {
    ++steps;
    if (options.stop && (steps & 0xff) == 0 && options.stop()) return {};
    if (options.progress && (steps & 0xffff) == 0 && std::isfinite(span_.until_s))
      options.progress(std::clamp((now_ - span_.from_s) / (span_.until_s - span_.from_s), 0.0, 1.0));
  }
  return result();
}

bool FleetRun::finished() const {
  return arrivals_.ended() && replacements_ == 0 && slots_.used() == 0;
}

bool FleetRun::step() {
  if (finished()) return false;
  const int unit = roster_.next_unit();
  const double unit_s = unit < 0 ? kNever : roster_.next_time(unit);
  const double timer_s = timers_.next_time();
  const double arrival_s = arrivals_.next_time();
  const double next = std::min({unit_s, timer_s, arrival_s});
  if (next == kNever || (span_.cut && next >= span_.until_s) || next - progress_s_ > kStandstill) {
    if (!span_.cut)
      counts_.warnings.push_back(fmt::format("{} requests wait for units that never come", slots_.used()));
    now_ = span_.cut ? span_.until_s : now_;
    return false;
  }
  now_ = std::max(now_, next);
  if (timer_s == next && (timers_.next_kind() < TimerKind::landing || unit_s > next)) {
    play_timer(timers_.take());
  } else if (unit_s == next) {
    play_unit(unit);
  } else {
    arrive();
  }
  return true;
}

void FleetRun::play_timer(const Timer& timer) {
  switch (timer.kind) {
    case TimerKind::measure:
      start_measuring();
      break;
    case TimerKind::measure_end:
      stop_measuring();
      break;
    case TimerKind::landing:
      if (slots_[timer.index].attempt == timer.attempt) land(timer.index);
      break;
    case TimerKind::replacement:
      --replacements_;
      if (slots_.used() + replacements_ < loop_target()) send_next();
      break;
    case TimerKind::failure:
      fail(scenario_.policy.failures[static_cast<std::size_t>(timer.index)]);
      break;
    case TimerKind::unit_ready:
      unit_ready(timer);
      break;
    case TimerKind::scaling:
      scaling_tick(static_cast<int>(timer.index));
      break;
    case TimerKind::sample:
      curves_.sample(now_, roster_, static_cast<std::int64_t>(unsent_.size()));
      timers_.set({now_ + curves_.every_s(), TimerKind::sample});
      break;
  }
}

void FleetRun::play_unit(int unit) {
  events_.clear();
  roster_[unit].unit.advance(now_, events_);
  roster_.refresh(unit);
  const std::vector<UnitEvent> events = events_;
  for (const UnitEvent& event : events) on_event(unit, event);
  settle(unit);
}

}  // namespace moesim
