#include "sim/engine/jitter.hpp"
#include "sim/engine/simgrid/step_run.hpp"

namespace moesim::on_simgrid {

double StepRun::nvlink_scale(const Head& h) const {
  return h.cost.load_factor(input_.gpus[h.gpu].expert_load);
}

double StepRun::work_of(const Head& h) const {
  const GpuState& given = input_.gpus[h.gpu];
  const double work = h.cost.work_s * given.compute_slowdown * h.cost.load_factor(given.expert_load);
  if (!h.cost.pads_jitter || input_.jitter_sigma <= 0) return work;
  return work * jitter_factor(input_.jitter_sigma, input_.seed, h.gpu, h.entry.position);
}

std::size_t StepRun::receiver_of(const Head& h) const {
  if (h.entry.peer_rank < 0) return h.gpu;
  return h.column * num_column_gpus_ + static_cast<std::size_t>(h.entry.peer_rank) * members_ + h.member;
}

void StepRun::on_activity_end(std::size_t queue, Part part) {
  const Head h = head_of(queue);
  if (part == Part::work) gpus_[h.gpu].computes = false;
  switch (queues_[queue].stage) {
    case Stage::launching:
      arrive(h);
      break;
    case Stage::delay:
      move(h);
      break;
    case Stage::moving:
      if (--queues_[queue].num_running == 0) start_tail(h);
      break;
    case Stage::tail:
      end_steps(h);
      break;
    case Stage::issuing:
      end(h);
      break;
    case Stage::blocked:
    case Stage::arrived:
    case Stage::ended:
      break;  // nothing of theirs runs
  }
  settle();
}

void StepRun::start(const Head& h) {
  queues_[h.queue].start_s = Platform::now_s();
  if (h.cost.holds_sms) {
    ++gpus_[h.gpu].num_holders;
    set_compute_rate(h.gpu);
  }
  if (h.cost.delay_s <= 0) return move(h);
  queues_[h.queue].stage = Stage::delay;
  activities_.wait(h.queue, h.cost.delay_s);
}

void StepRun::move(const Head& h) {
  Queue& q = queues_[h.queue];
  q.stage = Stage::moving;
  q.num_running = 0;
  if (h.cost.nic_B > 0) {
    ++q.num_running;
    activities_.send(h.queue, receiver_of(h), h.cost.nic_B);
  }
  if (const double bytes = h.cost.nvlink_B * nvlink_scale(h); bytes > 0) {
    ++q.num_running;
    activities_.move_over_nvlink(h.queue, bytes);
  }
  if (const double work_s = work_of(h); work_s > 0) {
    ++q.num_running;
    gpus_[h.gpu].computes = true;
    gpus_[h.gpu].cost = h.entry.cost;
    set_compute_rate(h.gpu);
    activities_.compute(h.queue, work_s);
  }
  if (q.num_running == 0) start_tail(h);
}

void StepRun::start_tail(const Head& h) {
  const double bytes = h.cost.tail_nvlink_B * nvlink_scale(h);
  if (bytes <= 0) return end_steps(h);
  queues_[h.queue].stage = Stage::tail;
  activities_.move_over_nvlink(h.queue, bytes);
}

void StepRun::end_steps(const Head& h) {
  const Gpu& g = gpus_[h.gpu];
  if (h.cost.holds_sms) {
    --gpus_[h.gpu].num_holders;
    set_compute_rate(h.gpu);
  }
  const double until_issued_s = g.host_s + h.entry.issued_s - Platform::now_s();
  if (h.entry.segment != g.segment || until_issued_s <= platform_.time_precision_s()) return end(h);
  queues_[h.queue].stage = Stage::issuing;
  activities_.wait(h.queue, until_issued_s);
}

/// The operation that computes runs at its overlapped rate as long as any operation holds SMs.
void StepRun::set_compute_rate(std::size_t gpu) {
  Gpu& g = gpus_[gpu];
  if (!g.computes) return;
  const unsigned long pstate = g.num_holders > 0 ? platform_.overlapped_pstate(g.cost) : 0;
  if (pstate == g.pstate) return;
  g.pstate = pstate;
  platform_.gpu(gpu).sms->set_pstate(pstate);
}

}  // namespace moesim::on_simgrid
