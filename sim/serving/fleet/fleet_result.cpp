// What a run leaves: totals of the measured time.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/serving/fleet/fleet_run.hpp"

namespace moesim {

void FleetRun::start_measuring() {
  for (int unit = 0; unit < roster_.size(); ++unit) play_unit(unit);
  curves_.hold(now_, roster_);
  roster_.start_measuring(now_);
  curves_.resume(now_, roster_);
  for (PoolMeter& meter : meters_) meter.start_measuring(now_);
}

void FleetRun::stop_measuring() {
  if (measured_) return;
  measured_ = true;
  for (int unit = 0; unit < roster_.size(); ++unit) play_unit(unit);
  curves_.hold(now_, roster_);
  counts_.measured_s = std::max(0.0, now_ - span_.measure_from_s);
  for (std::size_t pool = 0; pool < scenario_.pools.size(); ++pool) {
    meters_[pool].stop_measuring(now_);
    counts_.pools.push_back(pool_result(static_cast<int>(pool)));
    meters_[pool].start_measuring(now_);
  }
  curves_.resume(now_, roster_);
}

void FleetRun::audit() const {
  if (slots_.used() > 0) return;
  for (int i = 0; i < roster_.size(); ++i) {
    const FleetUnit& unit = roster_[i];
    const bool none = unit.empty() && unit.waiting_tokens == 0 && unit.prompt_kv_tokens == 0 &&
                      unit.coming_tokens == 0 && unit.held_tokens == 0;
    if (!none || !unit.unit.idle())
      throw std::logic_error(fmt::format("unit {} holds something after the last request has gone", i));
  }
}

void FleetRun::report_unfinished() {
  for (std::int64_t slot = 0; slot < slots_.size(); ++slot) {
    const InFlight& entry = slots_[slot];
    if (entry.stage == RequestStage::none || entry.resident) continue;
    RequestRecord record = entry.record;
    record.end_s = span_.cut ? now_ : std::numeric_limits<double>::infinity();
    record.measured = span_.cut || record.arrival_s >= span_.measure_from_s;
    if (entry.stage == RequestStage::unrouted || entry.stage == RequestStage::prompt)
      record.first_token_s = record.arrival_s;
    requests_.add_unfinished(record);
  }
}

FleetResult FleetRun::result() {
  audit();
  curves_.finish(now_, roster_, static_cast<std::int64_t>(unsent_.size()));
  stop_measuring();
  counts_.in_flight = slots_.used();
  report_unfinished();
  for (const std::string& warning : arrivals_.warnings()) counts_.warnings.push_back(warning);
  return counts_;
}

PoolResult FleetRun::pool_result(int pool) {
  const FleetPool& played = scenario_.pools[static_cast<std::size_t>(pool)];
  PoolResult result;
  result.name = played.name;
  result.role = played.spec.role;
  result.measured_s = counts_.measured_s;
  for (int unit : roster_.of_pool(pool)) result.totals.add(roster_[unit].unit.take_totals());
  const Allotment allotment = roster_.allotment(pool, now_);
  result.allotted_unit_s = allotment.unit_s;
  if (result.measured_s > 0) result.nodes_mean = allotment.unit_s / result.measured_s * played.nodes_per_unit;
  result.nodes_peak = allotment.peak * played.nodes_per_unit;
  const PoolMeter& meter = meters_[static_cast<std::size_t>(pool)];
  result.nodes_floor = meter.mean_by_work() * played.nodes_per_unit;
  result.nodes_for_ttft = meter.mean_by_ttft() * played.nodes_per_unit;
  if (allotment.unit_s > 0) result.utilisation = result.totals.busy_s / allotment.unit_s;
  return result;
}

}  // namespace moesim
