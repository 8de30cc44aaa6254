// What units report, and KV caches on their way from prefill to decode units.
#include <algorithm>

#include "sim/serving/fleet/fleet_run.hpp"

namespace moesim {

void FleetRun::on_event(int unit, const UnitEvent& event) {
  InFlight& entry = slots_[event.request];
  const bool prefill = roster_.pool_of(unit).spec.role == PoolRole::prefill;
  switch (event.kind) {
    case UnitEventKind::started:
      if (entry.stage == RequestStage::prompt) entry.record.start_s = event.time_s;
      if (entry.coming) {
        entry.coming = false;
        roster_[unit].coming_tokens -= entry.request.input_tokens;
      }
      break;
    case UnitEventKind::first_token:
      if (entry.stage == RequestStage::prompt) on_first_token(unit, event.request);
      break;
    case UnitEventKind::completed:
      if (!prefill) on_completed(unit, event.request);
      break;
    case UnitEventKind::preempted:
      ++entry.record.preemptions;
      break;
    case UnitEventKind::rejected:
      withdraw(event.request);
      reject(event.request);
      break;
  }
}

void FleetRun::withdraw(std::int64_t slot) {
  InFlight& entry = slots_[slot];
  if (entry.stage == RequestStage::prompt) end_prompt(slot);
  if (entry.stage == RequestStage::unsent || entry.stage == RequestStage::in_transfer) {
    FleetUnit& sender = roster_[entry.prompt_unit];
    --sender.held_requests;
    sender.held_tokens -= entry.request.input_tokens;
  }
  const int decoding = entry.decode_unit;
  if (decoding >= 0) {
    --roster_[decoding].sequences;
    if (entry.coming) roster_[decoding].coming_tokens -= entry.request.input_tokens;
  }
  entry.coming = false;
  entry.decode_unit = -1;
}

void FleetRun::end_prompt(std::int64_t slot) {
  const InFlight& entry = slots_[slot];
  FleetUnit& unit = roster_[entry.prompt_unit];
  --unit.waiting_requests;
  unit.waiting_tokens -= entry.new_tokens;
  unit.waiting_s = unit.waiting_requests > 0 ? std::max(0.0, unit.waiting_s - entry.prompt_s) : 0;
  unit.prompt_kv_tokens -= entry.request.input_tokens;
}

void FleetRun::on_first_token(int unit, std::int64_t slot) {
  InFlight& entry = slots_[slot];
  FleetUnit& done = roster_[unit];
  end_prompt(slot);
  if (done.cache) done.cache->insert(entry.request);
  entry.prompt_done_s = now_;
  entry.record.first_token_s = now_ + entry.overhead_s;
  curves_.add_prompt(done.pool, entry);
  progress_s_ = now_;
  if (roster_.pool_of(unit).spec.role == PoolRole::colocated) {
    entry.stage = RequestStage::decode;
    return;
  }
  entry.stage = RequestStage::unsent;
  if (!choice_.has(PoolRole::decode) || entry.request.output_tokens <= 1) return finish(slot);
  ++done.held_requests;
  done.held_tokens += entry.request.input_tokens;
  if (!unsent_.empty() || !try_transfer(slot)) unsent_.push_back(slot);
}

void FleetRun::on_completed(int unit, std::int64_t slot) {
  --roster_[unit].sequences;
  finish(slot);
}

bool FleetRun::try_transfer(std::int64_t slot) {
  InFlight& entry = slots_[slot];
  const int unit = choice_.for_decode(entry.request);
  if (unit < 0) return false;
  FleetUnit& from = roster_[entry.prompt_unit];
  FleetUnit& to = roster_[unit];
  const FleetPool& sender = roster_.pool_of(entry.prompt_unit);
  const double bytes = sender.kv_bytes_per_token * static_cast<double>(entry.request.input_tokens);
  const double start = std::max(from.send.start(now_), to.receive.start(now_));
  const double sent = from.send.take(start, bytes, sender.unit.layout.tp);
  const double received = to.receive.take(start, bytes, roster_.pool_of(unit).unit.layout.tp);
  entry.stage = RequestStage::in_transfer;
  assign_decode(slot, unit);
  timers_.set({std::max(sent, received) + sender.nic_latency_s, TimerKind::landing, slot, entry.attempt});
  return true;
}

void FleetRun::assign_decode(std::int64_t slot, int unit) {
  InFlight& entry = slots_[slot];
  FleetUnit& to = roster_[unit];
  entry.decode_unit = entry.record.decode_unit = unit;
  entry.coming = true;
  ++to.sequences;
  to.coming_tokens += entry.request.input_tokens;
  meters_[static_cast<std::size_t>(to.pool)].routed += 1;
}

void FleetRun::transfer_waiting() {
  while (!unsent_.empty() && try_transfer(unsent_.front())) unsent_.pop_front();
}

void FleetRun::land(std::int64_t slot) {
  const InFlight& entry = slots_[slot];
  const int sender = entry.prompt_unit;
  --roster_[sender].held_requests;
  roster_[sender].held_tokens -= entry.request.input_tokens;
  begin_decode(slot, entry.decode_unit);
  settle(sender);
}

void FleetRun::begin_decode(std::int64_t slot, int unit) {
  InFlight& entry = slots_[slot];
  entry.stage = RequestStage::decode;
  entry.landed_s = progress_s_ = now_;
  SequenceWork work;
  work.request = slot;
  work.input_tokens = entry.request.input_tokens;
  work.output_tokens = entry.request.output_tokens;
  work.generated_tokens = 1;
  work.draw = static_cast<std::uint64_t>(entry.request.id);
  roster_[unit].unit.submit(now_, work);
  roster_.refresh(unit);
}

void FleetRun::settle(int unit) {
  if (roster_[unit].phase == UnitPhase::draining && roster_[unit].empty())
    roster_.set_phase(unit, UnitPhase::off, now_);
  if (!unsent_.empty()) transfer_waiting();
  if (!unrouted_.empty()) route_waiting();
  if (prompts_alone_) fill_closed_loop();
}

}  // namespace moesim
