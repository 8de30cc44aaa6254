#include "sim/routing/expert_moves.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <tuple>

namespace moesim {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

void check_alike(const ExpertPlacement& a, const ExpertPlacement& b) {
  check_placement(a);
  check_placement(b);
  if (a.num_experts != b.num_experts || a.num_slots() != b.num_slots() || a.num_gpus != b.num_gpus ||
      a.gpus_per_node != b.gpus_per_node) {
    throw std::invalid_argument("experts move between placements of one size only");
  }
}

/// GPUs that hold each expert, ascending, [num_experts].
std::vector<std::vector<int>> holders_of(const ExpertPlacement& placement) {
  std::vector<std::vector<int>> holders(at(placement.num_experts));
  for (int slot = 0; slot < placement.num_slots(); ++slot) {
    auto& gpus = holders[at(placement.slot_expert[at(slot)])];
    if (gpus.empty() || gpus.back() != placement.gpu_of(slot)) gpus.push_back(placement.gpu_of(slot));
  }
  return holders;
}

/// The experts of one GPU with those that it held before back in their slots, the others in order in the
/// rest.
void keep_slots(std::span<const int> old, std::span<int> wanted) {
  std::vector<int> fresh;
  std::vector<bool> kept(old.size());
  for (const int expert : wanted) {
    std::size_t slot = 0;
    while (slot < old.size() && (kept[slot] || old[slot] != expert)) ++slot;
    if (slot == old.size()) {
      fresh.push_back(expert);
    } else {
      kept[slot] = true;
    }
  }
  auto next = fresh.begin();
  for (std::size_t slot = 0; slot < old.size(); ++slot) wanted[slot] = kept[slot] ? old[slot] : *next++;
}

int busiest(const std::vector<int>& out, const std::vector<int>& in) {
  return std::max(std::ranges::max(out), std::ranges::max(in));
}

}  // namespace

ExpertPlacement keeping_slots(const ExpertPlacement& old, const ExpertPlacement& wanted) {
  check_alike(old, wanted);
  ExpertPlacement next = wanted;
  const std::size_t per_gpu = at(old.slots_per_gpu());
  for (std::size_t first = 0; first < next.slot_expert.size(); first += per_gpu) {
    keep_slots(std::span(old.slot_expert).subspan(first, per_gpu),
               std::span(next.slot_expert).subspan(first, per_gpu));
  }
  return next;
}

std::vector<ExpertMove> expert_moves(const ExpertPlacement& old, const ExpertPlacement& next) {
  check_alike(old, next);
  const auto holders = holders_of(old);
  std::vector<int> sent(at(old.num_gpus));
  std::vector<ExpertMove> moves;
  for (int slot = 0; slot < next.num_slots(); ++slot) {
    const int expert = next.slot_expert[at(slot)];
    if (old.slot_expert[at(slot)] == expert) continue;
    const int gpu = next.gpu_of(slot);
    const auto rank = [&](int holder) {
      const int distance = holder == gpu ? 0 : holder / old.gpus_per_node == gpu / old.gpus_per_node ? 1 : 2;
      return std::tuple(distance, sent[at(holder)], holder);
    };
    const int source = *std::ranges::min_element(holders[at(expert)], {}, rank);
    if (source != gpu) ++sent[at(source)];
    moves.push_back({slot, expert, source});
  }
  return moves;
}

Bytes expert_bytes(const ModelSpec& model, NumberFormat format) {
  const auto blocks = [](std::int64_t width) { return static_cast<double>((width + 127) / 128); };
  const double values = static_cast<double>(model.hidden) * static_cast<double>(model.expert_intermediate);
  double scales = 0;
  if (format == NumberFormat::fp8) scales = 4 * blocks(model.hidden) * blocks(model.expert_intermediate);
  if (format == NumberFormat::mxfp8) scales = values / 32;
  return Bytes(3 * (values * bytes_per_element(format) + scales));
}

MoveTraffic::MoveTraffic(int num_gpus)
    : nvlink_out(at(num_gpus)), nvlink_in(nvlink_out), nic_out(nvlink_out), nic_in(nvlink_out) {}

void MoveTraffic::add(const ExpertPlacement& placement, std::span<const ExpertMove> moves) {
  if (at(placement.num_gpus) != nvlink_out.size()) {
    throw std::invalid_argument("moves of a placement with another number of GPUs");
  }
  for (const ExpertMove& move : moves) {
    const int gpu = placement.gpu_of(move.slot);
    if (move.source_gpu == gpu) continue;
    const bool inside = move.source_gpu / placement.gpus_per_node == gpu / placement.gpus_per_node;
    ++(inside ? nvlink_out : nic_out).at(at(move.source_gpu));
    ++(inside ? nvlink_in : nic_in).at(at(gpu));
  }
}

int MoveTraffic::nvlink_total() const {
  return std::accumulate(nvlink_in.begin(), nvlink_in.end(), 0);
}

int MoveTraffic::nic_total() const {
  return std::accumulate(nic_in.begin(), nic_in.end(), 0);
}

Seconds move_time(const MoveTraffic& traffic, Bytes bytes_per_expert, const ClusterSpec& cluster) {
  const int nvlink = busiest(traffic.nvlink_out, traffic.nvlink_in);
  const int nic = busiest(traffic.nic_out, traffic.nic_in);
  Seconds time{};
  if (nvlink > 0) time = bytes_per_expert * nvlink / cluster.nvlink.bandwidth + cluster.nvlink.latency;
  if (nic > 0) time = std::max(time, bytes_per_expert * nic / cluster.nic.usable() + cluster.nic.latency);
  return time;
}

}  // namespace moesim
