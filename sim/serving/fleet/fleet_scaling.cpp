// Units that come and go: scaling ticks, starts, draining; and nodes that fail.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/serving/fleet/fleet_run.hpp"
#include "sim/serving/fleet/scaling.hpp"

namespace moesim {

void FleetRun::schedule_tick(int pool) {
  const ScalingSpec& scaling = scenario_.pools[static_cast<std::size_t>(pool)].spec.scaling;
  if (scaling.policy == ScalingPolicy::fixed) return;
  // A window is sized once, for the demand of its time.
  if (scaling.policy == ScalingPolicy::target && (span_.cut || closed_)) return;
  const double ahead = scaling.policy == ScalingPolicy::schedule
                           ? until_next_entry(scaling, scenario_.workload.start.value() + now_)
                           : scaling.interval.value();
  timers_.set({now_ + ahead, TimerKind::scaling, pool});
}

double FleetRun::share_of(int pool) const {
  const PoolRole role = scenario_.pools[static_cast<std::size_t>(pool)].spec.role;
  double own = 0;
  double all = 0;
  int alike = 0;
  for (std::size_t i = 0; i < scenario_.pools.size(); ++i) {
    // Prompts are shared by prefill and colocated pools.
    if ((scenario_.pools[i].spec.role == PoolRole::decode) != (role == PoolRole::decode)) continue;
    ++alike;
    all += meters_[i].routed;
    if (static_cast<int>(i) == pool) own = meters_[i].routed;
  }
  return all > 0 ? own / all : 1.0 / std::max(alike, 1);
}

void FleetRun::scaling_tick(int pool) {
  const FleetPool& scaled = scenario_.pools[static_cast<std::size_t>(pool)];
  PoolMeter& meter = meters_[static_cast<std::size_t>(pool)];
  if (scaled.spec.scaling.policy == ScalingPolicy::schedule) {
    set_units(pool, scheduled_units(scaled.spec.scaling, scenario_.workload.start.value() + now_));
  } else if (!arrivals_.ended()) {
    meter.update_step_factor(scaled, roster_, pool);
    Demand demand = meter.demand;
    demand.seconds = scaled.spec.scaling.interval.value();
    if (scaled.spec.role == PoolRole::decode) demand.requests += static_cast<double>(unsent_.size());
    const WantedUnits wanted = wanted_units(scaled, demand, share_of(pool), meter.step_factor);
    note_wanted(pool, wanted);
    set_units(pool, whole_units(scaled, wanted.most()));
    meter.demand = {};
  }
  schedule_tick(pool);
}

void FleetRun::note_wanted(int pool, const WantedUnits& wanted) {
  const FleetPool& scaled = scenario_.pools[static_cast<std::size_t>(pool)];
  if (!meters_[static_cast<std::size_t>(pool)].note_wanted(wanted, now_)) return;
  counts_.warnings.push_back(fmt::format(
      "pool '{}': no number of units up to {} holds the target {}; a target that not even an idle unit holds "
      "is left out",
      scaled.name, scaled.spec.scaling.max_units, wanted.missed));
}

void FleetRun::set_units(int pool, int units) {
  const double start_up = scenario_.pools[static_cast<std::size_t>(pool)].spec.scaling.start_up.value();
  const std::vector<int> all = roster_.of_pool(pool);
  int missing = units - roster_.wanted(pool);
  for (int unit : all) {
    if (missing <= 0) break;
    if (roster_[unit].phase != UnitPhase::draining) continue;
    roster_.set_phase(unit, UnitPhase::live, now_);
    --missing;
  }
  for (; missing > 0; --missing) {
    const int unit = roster_.allot(pool, UnitPhase::starting, now_);
    timers_.set({now_ + start_up, TimerKind::unit_ready, unit, roster_[unit].attempt});
  }
  for (UnitPhase phase : {UnitPhase::starting, UnitPhase::live}) {
    for (auto unit = all.rbegin(); unit != all.rend() && missing < 0; ++unit) {
      if (roster_[*unit].phase != phase) continue;
      roster_.set_phase(*unit, UnitPhase::draining, now_);
      settle(*unit);
      ++missing;
    }
  }
}

void FleetRun::unit_ready(const Timer& timer) {
  const int unit = static_cast<int>(timer.index);
  if (roster_[unit].attempt != timer.attempt) return;
  roster_.set_phase(unit, UnitPhase::live, now_);
  settle(unit);
  if (closed_) fill_closed_loop();
}

void FleetRun::fail(const NodeFailure& failure) {
  const auto named = [&](const FleetPool& pool) { return pool.name == failure.pool; };
  const auto pool = std::find_if(scenario_.pools.begin(), scenario_.pools.end(), named);
  const std::vector<int>& units = roster_.of_pool(static_cast<int>(pool - scenario_.pools.begin()));
  const int unit =
      failure.unit < static_cast<int>(units.size()) ? units[static_cast<std::size_t>(failure.unit)] : -1;
  const UnitPhase phase = unit < 0 ? UnitPhase::off : roster_[unit].phase;
  if (phase == UnitPhase::off || phase == UnitPhase::failed) {
    counts_.warnings.push_back(fmt::format("unit {} of pool '{}' has no nodes at {} s: nothing fails",
                                           failure.unit, failure.pool, now_));
    return;
  }
  const std::vector<std::int64_t> lost = lose_requests(unit);
  roster_[unit].unit.fail();
  roster_[unit].clear();
  roster_.refresh(unit);
  roster_.set_phase(unit, phase == UnitPhase::draining ? UnitPhase::off : UnitPhase::failed, now_);
  if (phase != UnitPhase::draining)
    timers_.set({now_ + failure.repair.value(), TimerKind::unit_ready, unit, roster_[unit].attempt});
  for (std::int64_t slot : lost) route(slot);
}

std::vector<std::int64_t> FleetRun::lose_requests(int unit) {
  std::vector<std::int64_t> lost;
  for (std::int64_t slot = 0; slot < slots_.size(); ++slot) {
    const InFlight& entry = slots_[slot];
    const bool in_prompt = entry.stage == RequestStage::prompt || entry.stage == RequestStage::unsent ||
                           entry.stage == RequestStage::in_transfer;
    const bool to_decode = entry.stage == RequestStage::in_transfer || entry.stage == RequestStage::decode;
    if ((in_prompt && entry.prompt_unit == unit) || (to_decode && entry.decode_unit == unit))
      lost.push_back(slot);
  }
  std::sort(lost.begin(), lost.end(),
            [&](std::int64_t a, std::int64_t b) { return slots_[a].request.id < slots_[b].request.id; });
  for (std::int64_t slot : lost) {
    withdraw(slot);
    InFlight& entry = slots_[slot];
    std::erase(unsent_, slot);
    ++entry.attempt;
    ++entry.record.retries;
    ++counts_.retried;
  }
  return lost;
}

}  // namespace moesim
