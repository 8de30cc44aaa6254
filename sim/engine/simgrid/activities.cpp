#include "sim/engine/simgrid/activities.hpp"

#include <utility>

#include "sim/schedule/op_graph.hpp"

namespace moesim::on_simgrid {

Activities::Activities(Platform& platform, OnEnd on_end)
    : platform_(platform), on_end_(std::move(on_end)), slots_(platform.num_gpus() * kNumLanes * kNumParts) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].queue = i / kNumParts;
    slots_[i].part = static_cast<Part>(i % kNumParts);
  }
  s4u::Activity::on_completion_cb([this](const s4u::Activity& activity) { end(activity); });
}

void Activities::end(const s4u::Activity& activity) {
  Slot& slot = *activity.get_data<Slot>();
  finished_ = std::exchange(slot.activity, nullptr);
  on_end_(slot.queue, slot.part);
}

void Activities::execute(std::size_t queue, Part part, s4u::Host* host, double amount) {
  Slot& at = slot(queue, part);
  const s4u::ExecPtr exec = s4u::Exec::init();
  exec->set_flops_amount(amount);
  exec->set_host(host);
  exec->set_data(&at);
  at.activity = exec;
  exec->start();
}

void Activities::transfer(std::size_t queue, Part part, s4u::Host* from, s4u::Host* to, double bytes) {
  if (from == nullptr || to == nullptr) return;
  Slot& at = slot(queue, part);
  const s4u::CommPtr comm = s4u::Comm::sendto_async(from, to, platform_.payload(bytes));
  comm->set_data(&at);
  at.activity = comm;
}

void Activities::wait(std::size_t queue, double seconds) {
  execute(queue, Part::clock, platform_.gpu(queue / kNumLanes).clock, seconds);
}

void Activities::compute(std::size_t queue, double seconds) {
  execute(queue, Part::work, platform_.gpu(queue / kNumLanes).sms, seconds);
}

void Activities::send(std::size_t queue, std::size_t receiver_gpu, double bytes) {
  const GpuResources& sender = platform_.gpu(queue / kNumLanes);
  transfer(queue, Part::nic, sender.nic_out, platform_.gpu(receiver_gpu).nic_in, bytes);
}

void Activities::move_over_nvlink(std::size_t queue, double bytes) {
  const GpuResources& gpu = platform_.gpu(queue / kNumLanes);
  transfer(queue, Part::nvlink, gpu.sms, gpu.nvlink, bytes);
}

}  // namespace moesim::on_simgrid
