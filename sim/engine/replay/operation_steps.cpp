#include <algorithm>

#include "sim/engine/jitter.hpp"
#include "sim/engine/replay/column_replay.hpp"

namespace moesim::replay {
namespace {

constexpr auto kLanes = static_cast<std::int32_t>(kNumLanes);

std::size_t at(std::int32_t index) {
  return static_cast<std::size_t>(index);
}

bool uses_wires(const OperationCost& cost) {
  return cost.nic_B > 0 || cost.nvlink_B > 0 || cost.tail_nvlink_B > 0;
}

/// The flow that starts alone at `start_s`; not running when there is nothing to move.
Flow lone_flow(double bytes, double rate, double start_s) {
  if (bytes <= 0) return {};
  return {bytes, rate, start_s, start_s + bytes / rate, true};
}

}  // namespace

double ColumnReplay::nvlink_scale(const Head& h) const {
  return h.cost.load_factor(h.g.given.expert_load);
}

double ColumnReplay::work_of(const Head& h) const {
  const double work = h.cost.work_s * h.g.given.compute_slowdown * h.cost.load_factor(h.g.given.expert_load);
  if (!h.cost.pads_jitter || input_.jitter_sigma <= 0) return work;
  return work * jitter_of(h);
}

/// Of the GPUs of this column.
void ColumnReplay::take_factors() {
  factors_.clear();
  if (!input_.jitter || !input_.jitter->is_of(input_.jitter_sigma, input_.seed)) return;
  const auto num_gpus = at(program_.num_gpus());
  for (std::size_t gpu = 0; gpu < num_gpus; ++gpu) {
    const std::size_t rank = gpu / at(program_.members());
    factors_.push_back(
        input_.jitter->of(at(column_) * num_gpus + gpu, program_.graph().programs[rank].size()));
  }
}

double ColumnReplay::jitter_of(const Head& h) const {
  if (!factors_.empty()) return (*factors_[at(h.gpu)])[h.entry.position];
  const auto gpu = static_cast<std::uint64_t>(column_) * at(program_.num_gpus()) + at(h.gpu);
  return jitter_factor(input_.jitter_sigma, input_.seed, gpu, h.entry.position);
}

std::int32_t ColumnReplay::receiver_of(const Head& h) const {
  if (h.entry.peer_rank < 0) return h.gpu;
  return h.entry.peer_rank * program_.members() + h.g.member;
}

void ColumnReplay::start(const Head& h) {
  h.q.start_s = state_.now;
  if (h.cost.holds_sms) hold_sms(h.gpu, 1);
  if (uses_wires(h.cost)) {
    const std::int32_t to = h.cost.nic_B > 0 ? receiver_of(h) : h.gpu;
    claim_wires(h, to);
    const bool alone = h.g.num_wired == 1 && state_.gpus[at(to)].num_wired == 1;
    if (alone && h.cost.work_s <= 0) return plan(h, to);
  }
  if (h.cost.delay_s <= 0) return move(h);
  h.q.stage = Stage::delay;
  set_event(h, state_.now + h.cost.delay_s);
}

void ColumnReplay::claim_wires(const Head& h, std::int32_t to) {
  unplan(h.gpu);
  ++h.g.num_wired;
  if (to == h.gpu) return;
  unplan(to);
  ++state_.gpus[at(to)].num_wired;
}

void ColumnReplay::release_wires(const Head& h, std::int32_t to) {
  for (Gpu* g : {&h.g, &state_.gpus[at(to)]}) {
    if (g->planned == h.queue) g->planned = -1;
  }
  --h.g.num_wired;
  if (to != h.gpu) --state_.gpus[at(to)].num_wired;
}

/// Alone on its wires an operation has one event, its end. unplan() takes it apart when another one comes.
void ColumnReplay::plan(const Head& h, std::int32_t to) {
  const double moves_s = state_.now + h.cost.delay_s;
  const double nvlink_Bps = h.g.given.nvlink_Bps;
  const Gpu& receiver = state_.gpus[at(to)];
  h.q.nic = lone_flow(h.cost.nic_B, std::min(h.g.given.nic_out_Bps, receiver.given.nic_in_Bps), moves_s);
  h.q.nvlink = lone_flow(h.cost.nvlink_B * nvlink_scale(h), nvlink_Bps, moves_s);
  double end_s = moves_s;
  if (h.q.nic.running) end_s = std::max(end_s, h.q.nic.end_s);
  if (h.q.nvlink.running) end_s = std::max(end_s, h.q.nvlink.end_s);
  if (h.cost.tail_nvlink_B > 0) end_s += h.cost.tail_nvlink_B * nvlink_scale(h) / nvlink_Bps;
  h.q.stage = Stage::planned;
  h.g.planned = h.queue;
  state_.gpus[at(to)].planned = h.queue;
  set_event(h, end_s);
}

void ColumnReplay::unplan(std::int32_t gpu) {
  const std::int32_t queue = state_.gpus[at(gpu)].planned;
  if (queue < 0) return;
  const Head h = head_of(queue);
  const std::int32_t to = h.cost.nic_B > 0 ? receiver_of(h) : h.gpu;
  h.g.planned = -1;
  state_.gpus[at(to)].planned = -1;
  const double now = state_.now;
  if (state_.events[at(h.gpu) * EventTree::kFanout + at(h.lane)] <= now) return;  // ends at this very time
  const double moves_s = h.q.start_s + h.cost.delay_s;
  if (now < moves_s) {
    h.q.nic.stop();
    h.q.nvlink.stop();
    h.q.stage = Stage::delay;
    return set_event(h, moves_s);
  }
  double tail_s = moves_s;
  if (h.q.nic.running) tail_s = std::max(tail_s, h.q.nic.end_s);
  if (h.q.nvlink.running) tail_s = std::max(tail_s, h.q.nvlink.end_s);
  if (now < tail_s) {
    h.q.stage = Stage::moving;
    if (h.q.nic.end_s <= now) h.q.nic.stop();
    if (h.q.nvlink.end_s <= now) h.q.nvlink.stop();
    if (h.q.nic.running) wires_.adopt_nic(queue, to);
  } else {
    h.q.stage = Stage::tail;
    h.q.nic.stop();
    h.q.nvlink = lone_flow(h.cost.tail_nvlink_B * nvlink_scale(h), h.g.given.nvlink_Bps, tail_s);
  }
  if (h.q.nvlink.running) wires_.adopt_nvlink(queue);
  wires_.set_next_end(queue);
}

void ColumnReplay::move(const Head& h) {
  h.q.stage = Stage::moving;
  if (h.cost.nic_B > 0) wires_.open_nic(h.queue, receiver_of(h), h.cost.nic_B);
  if (h.cost.nvlink_B > 0) wires_.open_nvlink(h.queue, h.cost.nvlink_B * nvlink_scale(h));
  const bool works = h.cost.work_s > 0;
  if (works) start_work(h);
  if (works || h.cost.nic_B > 0 || h.cost.nvlink_B > 0) return wires_.set_next_end(h.queue);
  set_event(h, state_.now);
}

void ColumnReplay::start_work(const Head& h) {
  h.g.work.start(work_of(h), state_.now);
  set_work_rate(h.g, h.cost);
}

void ColumnReplay::set_work_rate(Gpu& g, const OperationCost& cost) {
  g.work.set_rate(g.num_holders > 0 ? cost.overlapped_rate : 1.0, state_.now);
}

void ColumnReplay::hold_sms(std::int32_t gpu, std::int32_t change) {
  Gpu& g = state_.gpus[at(gpu)];
  const bool held = g.num_holders > 0;
  g.num_holders += change;
  if (held == (g.num_holders > 0) || !g.work.running) return;
  const std::int32_t queue = gpu * kLanes + static_cast<std::int32_t>(Lane::computation);
  set_work_rate(g, head_of(queue).cost);
  wires_.set_next_end(queue);
}

/// Step 2: some flow of the operation is over.
void ColumnReplay::end_moves(const Head& h) {
  if (h.q.nic.running && h.q.nic.end_s <= state_.now) wires_.close_nic(h.queue);
  if (h.q.nvlink.running && h.q.nvlink.end_s <= state_.now) wires_.close_nvlink(h.queue);
  const bool computes = h.lane == static_cast<std::int32_t>(Lane::computation);
  if (computes && h.g.work.running && h.g.work.end_s <= state_.now) h.g.work.stop();
  if (h.q.nic.running || h.q.nvlink.running || (computes && h.g.work.running)) {
    return wires_.set_next_end(h.queue);
  }
  start_tail(h);
}

void ColumnReplay::start_tail(const Head& h) {
  if (h.cost.tail_nvlink_B <= 0) return end_steps(h);
  h.q.stage = Stage::tail;
  wires_.open_nvlink(h.queue, h.cost.tail_nvlink_B * nvlink_scale(h));
  wires_.set_next_end(h.queue);
}

void ColumnReplay::end_steps(const Head& h) {
  if (h.q.stage == Stage::tail) wires_.close_nvlink(h.queue);
  if (h.q.stage == Stage::planned) {
    h.q.nic.stop();
    h.q.nvlink.stop();
  }
  if (uses_wires(h.cost)) release_wires(h, h.cost.nic_B > 0 ? receiver_of(h) : h.gpu);
  if (h.cost.holds_sms) hold_sms(h.gpu, -1);
  const double issued_s = h.g.host_s + h.entry.issued_s;
  if (h.entry.segment != h.g.segment || issued_s <= state_.now) return end(h);
  h.q.stage = Stage::issuing;
  set_event(h, issued_s);
}

}  // namespace moesim::replay
