// How requests come, find a unit and go.
#include <algorithm>
#include <utility>

#include "sim/serving/fleet/fleet_run.hpp"
#include "sim/serving/fleet/prefix_load.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kRejectionsInARow = 10000;

}  // namespace

void FleetRun::arrive() {
  arrivals_.take_due(incoming_);
  for (PoolMeter& meter : meters_) meter.demand.add_request(incoming_);
  route(admit());
}

std::int64_t FleetRun::admit() {
  const std::int64_t slot = slots_.take();
  InFlight& entry = slots_[slot];
  std::swap(entry.request, incoming_);
  entry.record = {};
  entry.record.id = entry.request.id;
  entry.record.arrival_s = entry.record.start_s = entry.record.first_token_s = entry.request.arrival_s;
  entry.record.input_tokens = entry.request.input_tokens;
  entry.record.output_tokens = entry.request.output_tokens;
  entry.resident = false;
  entry.prompt_unit = entry.decode_unit = -1;
  entry.overhead_s = 0;
  ++counts_.arrived;
  return slot;
}

void FleetRun::send_next() {
  if (arrivals_.draw(now_, incoming_)) {
    ++sent_;
    route(admit());
  } else if (scenario_.workload.saturated) {
    stop_measuring();
  }
}

std::int64_t FleetRun::loop_target(int pool) const {
  if (!scenario_.workload.saturated) return *scenario_.workload.concurrency;
  const FleetPool& of = scenario_.pools[static_cast<std::size_t>(pool)];
  if (of.spec.role == PoolRole::prefill) return 0;
  const std::vector<int>& units = roster_.of_pool(pool);
  return max_sequences(of) * std::count_if(units.begin(), units.end(),
                                           [&](int unit) { return roster_[unit].phase == UnitPhase::live; });
}

std::int64_t FleetRun::loop_target() const {
  if (!scenario_.workload.saturated) return *scenario_.workload.concurrency;
  std::int64_t target = 0;
  for (std::size_t pool = 0; pool < scenario_.pools.size(); ++pool)
    target += loop_target(static_cast<int>(pool));
  return target;
}

bool FleetRun::prompts_wanted() const {
  for (int unit = 0; unit < roster_.size(); ++unit) {
    const FleetPool& pool = roster_.pool_of(unit);
    const std::int64_t budgets = 2 * pool.unit.batching.token_budget * pool.unit.layout.attention_ranks();
    if (roster_[unit].phase == UnitPhase::live && roster_[unit].waiting_tokens < budgets) return true;
  }
  return false;
}

bool FleetRun::gave_up() const {
  return closed_ && counts_.completed == 0 && counts_.rejected >= kRejectionsInARow;
}

void FleetRun::fill_closed_loop() {
  if (prompts_alone_) {
    while (!arrivals_.ended() && !gave_up() && unrouted_.empty() && prompts_wanted()) send_next();
    return;
  }
  const std::int64_t target = loop_target();
  while (!arrivals_.ended() && !gave_up() && slots_.used() + replacements_ < target) send_next();
}

void FleetRun::route(std::int64_t slot) {
  if (!choice_.fits_somewhere(slots_[slot].request)) return reject(slot);
  if (!unrouted_.empty() || !try_route(slot)) {
    slots_[slot].stage = RequestStage::unrouted;
    unrouted_.push_back(slot);
  }
}

bool FleetRun::try_route(std::int64_t slot) {
  InFlight& entry = slots_[slot];
  const bool decode_alone = !choice_.has(PoolRole::prefill) && !choice_.has(PoolRole::colocated);
  const int unit = decode_alone ? choice_.for_decode(entry.request) : choice_.for_prompt(entry.request);
  if (unit < 0) return false;
  if (!decode_alone) {
    submit_prompt(slot, unit);
    return true;
  }
  entry.overhead_s = roster_.pool_of(unit).request_overhead_s;
  entry.record.first_token_s = now_ + entry.overhead_s;
  assign_decode(slot, unit);
  begin_decode(slot, unit);
  return true;
}

void FleetRun::submit_prompt(std::int64_t slot, int unit) {
  InFlight& entry = slots_[slot];
  FleetUnit& chosen = roster_[unit];
  const FleetPool& pool = roster_.pool_of(unit);
  entry.stage = RequestStage::prompt;
  entry.prompt_unit = entry.record.prefill_unit = unit;
  entry.overhead_s = pool.request_overhead_s;
  const SequenceWork work = prompt_work(chosen, pool, entry, slot, now_);
  ++chosen.prompts_given;
  ++chosen.waiting_requests;
  entry.prompt_s = choice_.speed(chosen.pool).prompt_s(entry.new_tokens, work.cached_tokens);
  chosen.waiting_s += entry.prompt_s;
  chosen.waiting_tokens += entry.new_tokens;
  chosen.prompt_kv_tokens += entry.request.input_tokens;
  if (pool.spec.role == PoolRole::colocated) {
    entry.decode_unit = entry.record.decode_unit = unit;
    ++chosen.sequences;
  }
  PoolMeter& meter = meters_[static_cast<std::size_t>(chosen.pool)];
  meter.routed += 1;
  meter.demand.add_prompt(static_cast<double>(entry.new_tokens), static_cast<double>(work.cached_tokens));
  progress_s_ = now_;
  chosen.unit.submit(now_, work);
  roster_.refresh(unit);
}

void FleetRun::route_waiting() {
  while (!unrouted_.empty() && try_route(unrouted_.front())) unrouted_.pop_front();
}

void FleetRun::reject(std::int64_t slot) {
  InFlight& entry = slots_[slot];
  entry.record.rejected = true;
  entry.record.end_s = now_;
  ++counts_.rejected;
  leave(slot);
}

void FleetRun::finish(std::int64_t slot) {
  InFlight& entry = slots_[slot];
  entry.record.end_s = now_ + entry.overhead_s;
  if (entry.decode_unit >= 0) curves_.add_completed(roster_[entry.decode_unit].pool, entry);
  ++counts_.completed;
  leave(slot);
}

void FleetRun::leave(std::int64_t slot) {
  InFlight& entry = slots_[slot];
  const double counted_at = span_.cut ? now_ : entry.record.arrival_s;
  entry.record.measured = counted_at >= span_.measure_from_s && entry.record.arrival_s < span_.until_s;
  entry.record.resident = entry.resident;
  if (!entry.resident || span_.cut) requests_.add(entry.record);
  if (entry.record.measured) spans_.add(entry, slot, now_);
  const double seen_s = std::max(now_, entry.record.end_s);
  slots_.release(slot);
  progress_s_ = now_;
  if (!closed_ || prompts_alone_ || gave_up()) return;
  timers_.set({seen_s, TimerKind::replacement, sent_ + replacements_});
  ++replacements_;
}

}  // namespace moesim
