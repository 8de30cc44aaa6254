// How a run begins: units, the running requests of a steady state, timers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/serving/fleet/fleet_run.hpp"
#include "sim/serving/fleet/scaling.hpp"
#include "sim/serving/fleet/unit_capacity.hpp"
#include "sim/serving/fleet/warm_start.hpp"

namespace moesim {
namespace {

constexpr double kLookAhead = 300;  // seconds

}  // namespace

void FleetRun::begin() {
  LookAhead ahead;
  if (span_.warm_start) ahead = look_ahead(scenario_, span_.from_s, kLookAhead);
  for (std::size_t i = 0; i < scenario_.pools.size(); ++i) begin_pool(static_cast<int>(i), ahead);
  timers_.set({std::max(span_.measure_from_s, span_.from_s), TimerKind::measure});
  if (std::isfinite(span_.until_s)) timers_.set({span_.until_s, TimerKind::measure_end});
  for (std::size_t i = 0; i < scenario_.policy.failures.size(); ++i) {
    const double at = scenario_.policy.failures[i].at.value();
    if (at >= span_.from_s && at < span_.until_s)
      timers_.set({at, TimerKind::failure, static_cast<std::int64_t>(i)});
  }
  for (std::size_t i = 0; i < scenario_.pools.size(); ++i) schedule_tick(static_cast<int>(i));
  if (curves_.on()) timers_.set({now_, TimerKind::sample});
  if (closed_) fill_closed_loop();
}

double FleetRun::first_share(int pool, const Demand& demand) const {
  const auto weight = [&](const FleetPool& of) {
    const UnitCapacity unit =
        of.spec.role == PoolRole::prefill ? prompt_capacity(of, demand) : stream_capacity(of, demand, 0, 1);
    return std::max(of.spec.units, 1) * unit.requests_per_s;
  };
  const bool decodes = scenario_.pools[static_cast<std::size_t>(pool)].spec.role == PoolRole::decode;
  double all = 0;
  for (const FleetPool& other : scenario_.pools) {
    if ((other.spec.role == PoolRole::decode) == decodes) all += weight(other);
  }
  return weight(scenario_.pools[static_cast<std::size_t>(pool)]) / all;
}

int FleetRun::first_units(int pool, const LookAhead& ahead) {
  const FleetPool& sized = scenario_.pools[static_cast<std::size_t>(pool)];
  const ScalingSpec& scaling = sized.spec.scaling;
  PoolMeter& meter = meters_[static_cast<std::size_t>(pool)];
  if (scaling.policy == ScalingPolicy::schedule)
    return scheduled_units(scaling, scenario_.workload.start.value() + now_);
  if (scaling.policy == ScalingPolicy::target && closed_)
    counts_.warnings.push_back(fmt::format(
        "pool '{}' keeps its units: targets are held against arrivals, and a closed loop has none",
        sized.name));
  if (scaling.policy == ScalingPolicy::fixed || closed_ || ahead.requests.empty()) return sized.spec.units;
  const double share = first_share(pool, ahead.demand);
  if (sized.spec.role == PoolRole::decode) {
    const double speed = scaling.tokens_per_s_per_user.value_or(0);
    const UnitCapacity unit = stream_capacity(sized, ahead.demand, speed, 1);
    meter.step_factor =
        probed_step_factor(sized, ahead, static_cast<std::int64_t>(unit.streams), scenario_.seed);
  }
  const WantedUnits wanted = wanted_units(sized, ahead.demand, share, meter.step_factor);
  note_wanted(pool, wanted);
  return whole_units(sized, wanted.most());
}

void FleetRun::begin_pool(int pool, const LookAhead& ahead) {
  const FleetPool& started = scenario_.pools[static_cast<std::size_t>(pool)];
  const int units = first_units(pool, ahead);
  std::vector<int> live;
  for (int i = 0; i < units; ++i) live.push_back(roster_.allot(pool, UnitPhase::live, now_));
  // One unit at least is known, to ask what fits.
  if (units == 0) roster_.set_phase(roster_.allot(pool, UnitPhase::off, now_), UnitPhase::off, now_);
  if (ahead.requests.empty() || units == 0 || started.spec.role == PoolRole::prefill) return;
  const double share = first_share(pool, ahead.demand);
  const double factor = meters_[static_cast<std::size_t>(pool)].step_factor;
  const double wanted =
      closed_ ? static_cast<double>(loop_target(pool)) * (scenario_.workload.saturated ? 1 : share)
              : units * streams_at(started, ahead.demand, ahead.demand.rate() * share / units, factor);
  // Others of a closed loop come as new requests, and wait.
  const double streams = std::min(wanted, units * room_for_streams(started, ahead.demand));
  const std::uint64_t seed = scenario_.seed + static_cast<std::uint64_t>(pool);
  std::size_t turn = 0;
  for (const SequenceWork& work : residents(ahead, std::llround(streams), seed))
    place(live[turn++ % live.size()], work);
  for (int unit : live) roster_.refresh(unit);
}

void FleetRun::place(int unit, SequenceWork work) {
  const std::int64_t slot = slots_.take();
  InFlight& entry = slots_[slot];
  entry.request = {};
  entry.request.id = -1 - counts_.arrived;
  entry.request.arrival_s = now_;
  entry.request.input_tokens = work.input_tokens;
  entry.request.output_tokens = work.output_tokens;
  entry.record = {};
  entry.record.id = entry.request.id;
  entry.record.arrival_s = entry.record.start_s = entry.record.first_token_s = now_;
  entry.resident = true;
  entry.coming = false;
  entry.stage = RequestStage::decode;
  entry.prompt_unit = -1;
  entry.decode_unit = unit;
  entry.overhead_s = 0;
  ++counts_.arrived;
  ++roster_[unit].sequences;
  work.request = slot;
  roster_[unit].unit.place_running(work);
}

}  // namespace moesim
