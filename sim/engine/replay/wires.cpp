#include "sim/engine/replay/wires.hpp"

#include <algorithm>

namespace moesim::replay {
namespace {

constexpr auto kLanes = static_cast<std::int32_t>(kNumLanes);

std::int32_t gpu_of(std::int32_t queue) {
  return queue / kLanes;
}

}  // namespace

void Wires::open_nic(std::int32_t queue, std::int32_t to, double bytes) {
  queue_at(queue).nic.start(bytes, state_.now);
  adopt_nic(queue, to);
  share_nic(gpu_of(queue), to);
}

void Wires::adopt_nic(std::int32_t queue, std::int32_t to) {
  const std::int32_t from = gpu_of(queue);
  queue_at(queue).receiver = to;
  ++gpu_at(from).num_out;
  Gpu& receiver = gpu_at(to);
  ++receiver.num_in;
  if (to == from) return;
  Queue& q = queue_at(queue);
  q.prev_in = -1;
  q.next_in = receiver.first_in;
  if (q.next_in >= 0) queue_at(q.next_in).prev_in = queue;
  receiver.first_in = queue;
}

void Wires::close_nic(std::int32_t queue) {
  Queue& q = queue_at(queue);
  const std::int32_t from = gpu_of(queue);
  const std::int32_t to = q.receiver;
  Gpu& receiver = gpu_at(to);
  q.nic.stop();
  q.receiver = -1;
  --gpu_at(from).num_out;
  --receiver.num_in;
  if (to != from) {
    if (q.prev_in >= 0) queue_at(q.prev_in).next_in = q.next_in;
    if (q.next_in >= 0) queue_at(q.next_in).prev_in = q.prev_in;
    if (receiver.first_in == queue) receiver.first_in = q.next_in;
  }
  share_nic(from, to);
}

void Wires::share_nic(std::int32_t from, std::int32_t to) {
  const Gpu& sender = gpu_at(from);
  if (sender.num_out + sender.num_in > 0) share_component(from);
  const Gpu& receiver = gpu_at(to);
  if (receiver.mark < 0 && receiver.num_out + receiver.num_in > 0) share_component(to);
  for (const std::int32_t gpu : reached_) gpu_at(gpu).mark = -1;
  reached_.clear();
}

void Wires::reach(std::int32_t gpu) {
  Gpu& g = gpu_at(gpu);
  if (g.mark >= 0) return;
  g.mark = static_cast<std::int32_t>(reached_.size());
  reached_.push_back(gpu);
  ports_.push_back({g.given.nic_out_Bps, g.num_out});
  ports_.push_back({g.given.nic_in_Bps, g.num_in});
}

void Wires::gather(std::int32_t gpu) {
  const std::size_t before = reached_.size();
  ports_.resize(2 * before);
  for (Port& p : ports_) p.num_open = 0;
  flows_.clear();
  reach(gpu);
  for (std::size_t i = before; i < reached_.size(); ++i) {
    const std::int32_t at = reached_[i];
    for (std::int32_t queue = at * kLanes; queue < (at + 1) * kLanes; ++queue) {
      const std::int32_t to = queue_at(queue).receiver;
      if (to < 0) continue;
      reach(to);
      flows_.push_back({queue, 2 * gpu_at(at).mark, 2 * gpu_at(to).mark + 1, -1});
    }
    for (std::int32_t s = gpu_at(at).first_in; s >= 0; s = queue_at(s).next_in) reach(gpu_of(s));
  }
}

/// Progressive filling: the port with the least share per flow fixes its flows, until all are fixed.
void Wires::fill() {
  for (std::size_t left = flows_.size(); left > 0;) {
    std::size_t tightest = 0;
    double share = kNever;
    for (std::size_t p = 0; p < ports_.size(); ++p) {
      if (ports_[p].num_open == 0) continue;
      const double each = ports_[p].spare_Bps / ports_[p].num_open;
      if (each < share) {
        share = each;
        tightest = p;
      }
    }
    for (SharedFlow& f : flows_) {
      const auto from = static_cast<std::size_t>(f.from);
      const auto into = static_cast<std::size_t>(f.into);
      if (f.rate >= 0 || (from != tightest && into != tightest)) continue;
      f.rate = share;
      --left;
      for (const std::size_t p : {from, into}) {
        ports_[p].spare_Bps = std::max(0.0, ports_[p].spare_Bps - share);
        --ports_[p].num_open;
      }
    }
  }
}

void Wires::share_component(std::int32_t gpu) {
  gather(gpu);
  if (flows_.size() == 1) {
    const SharedFlow& f = flows_.front();
    change_nic_rate(f.queue, std::min(gpu_at(gpu_of(f.queue)).given.nic_out_Bps,
                                      gpu_at(queue_at(f.queue).receiver).given.nic_in_Bps));
    return;
  }
  fill();
  for (const SharedFlow& f : flows_) change_nic_rate(f.queue, f.rate);
}

void Wires::change_nic_rate(std::int32_t queue, double rate) {
  Queue& q = queue_at(queue);
  if (q.nic.rate == rate) return;
  q.nic.set_rate(rate, state_.now);
  set_next_end(queue);
}

void Wires::open_nvlink(std::int32_t queue, double bytes) {
  queue_at(queue).nvlink.start(bytes, state_.now);
  adopt_nvlink(queue);
  share_nvlink(gpu_of(queue));
}

void Wires::adopt_nvlink(std::int32_t queue) {
  ++gpu_at(gpu_of(queue)).num_nvlink;
}

void Wires::close_nvlink(std::int32_t queue) {
  queue_at(queue).nvlink.stop();
  Gpu& gpu = gpu_at(gpu_of(queue));
  if (--gpu.num_nvlink > 0) share_nvlink(gpu_of(queue));
}

void Wires::share_nvlink(std::int32_t gpu) {
  const double rate = gpu_at(gpu).given.nvlink_Bps / gpu_at(gpu).num_nvlink;
  for (std::int32_t queue = gpu * kLanes; queue < (gpu + 1) * kLanes; ++queue) {
    Queue& q = queue_at(queue);
    if (!q.nvlink.running || q.nvlink.rate == rate) continue;
    q.nvlink.set_rate(rate, state_.now);
    set_next_end(queue);
  }
}

void Wires::set_next_end(std::int32_t queue) {
  const Queue& q = queue_at(queue);
  double next = std::min(q.nic.end_s, q.nvlink.end_s);
  if (queue % kLanes == 0) next = std::min(next, gpu_at(gpu_of(queue)).work.end_s);
  state_.set_event(static_cast<std::size_t>(queue), next);
}

}  // namespace moesim::replay
