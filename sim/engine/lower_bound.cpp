#include "sim/engine/lower_bound.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "sim/engine/alone.hpp"

namespace moesim {
namespace {

constexpr double kUnknown = -1;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// Seconds on each resource of one GPU.
struct Busy {
  std::array<double, kNumLanes> lanes{};
  double nic_out = 0;
  double nic_in = 0;
  double nvlink = 0;

  [[nodiscard]] double most() const {
    return std::max({*std::ranges::max_element(lanes), nic_out, nic_in, nvlink});
  }
};

class Bound {
 public:
  Bound(const OpGraph& graph, std::span<const GpuState> gpus)
      : graph_(graph), gpus_(gpus), lanes_(graph.num_ranks()), busy_(graph.num_ranks()) {
    std::size_t total = 0;
    for (const auto& program : graph.programs) {
      first_.push_back(total);
      total += program.size();
    }
    ends_.assign(total, kUnknown);
    for (std::size_t rank = 0; rank < graph.num_ranks(); ++rank) {
      for (const OperationCost& cost : graph.costs)
        alone_.push_back(moesim::alone_s(cost, gpus[rank], gpus[rank]));
      const auto& program = graph.programs[rank];
      for (std::uint32_t i = 0; i < program.size(); ++i) {
        lanes_[rank][static_cast<std::size_t>(program[i].lane)].push_back(i);
        occupy(rank, program[i]);
      }
    }
  }

  [[nodiscard]] double busiest_s() const {
    double most = 0;
    for (const Busy& busy : busy_) most = std::max(most, busy.most());
    return most;
  }

  /// Lane by lane as far as dependencies are known, until all are.
  double critical_path_s() {
    std::vector<std::array<std::size_t, kNumLanes>> next(graph_.num_ranks());
    std::size_t left = ends_.size();
    while (left > 0) {
      const std::size_t before = left;
      for (std::size_t rank = 0; rank < graph_.num_ranks(); ++rank) {
        for (std::size_t lane = 0; lane < kNumLanes; ++lane) left -= advance(rank, lane, next[rank][lane]);
      }
      if (left == before) throw RunError("a graph without end: its operations wait for each other");
    }
    return ends_.empty() ? 0 : *std::ranges::max_element(ends_);
  }

 private:
  /// Ends of the operations of a lane from its `next` on; how many became known.
  std::size_t advance(std::size_t rank, std::size_t lane, std::size_t& next) {
    const std::vector<std::uint32_t>& order = lanes_[rank][lane];
    const Operation* program = graph_.programs[rank].data();
    double* ends = ends_.data() + first_[rank];
    const std::size_t first = next;
    double start = next == 0 ? 0 : ends[order[next - 1]];
    for (; next < order.size(); ++next) {
      const Operation& op = program[order[next]];
      for (const Dependency& needed : graph_.dependencies_of(op)) {
        const double end = ends_[first_[at(needed.rank)] + needed.index];
        if (end == kUnknown) return next - first;
        start = std::max(start, end);
      }
      start += alone_s(rank, op);
      ends[order[next]] = start;
    }
    return next - first;
  }

  [[nodiscard]] const GpuState& receiver(std::size_t rank, const Operation& op) const {
    return gpus_[op.peer_rank < 0 ? rank : at(op.peer_rank)];
  }

  [[nodiscard]] double alone_s(std::size_t rank, const Operation& op) const {
    if (op.peer_rank < 0) return alone_[rank * graph_.costs.size() + op.cost];
    return moesim::alone_s(graph_.cost_of(op), gpus_[rank], receiver(rank, op));
  }

  void occupy(std::size_t rank, const Operation& op) {
    const OperationCost& cost = graph_.cost_of(op);
    const GpuState& gpu = gpus_[rank];
    Busy& busy = busy_[rank];
    busy.lanes[static_cast<std::size_t>(op.lane)] += alone_s(rank, op);
    if (cost.nic_B > 0) {
      busy.nic_out += cost.nic_B / gpu.nic_out_Bps;
      busy_[op.peer_rank < 0 ? rank : at(op.peer_rank)].nic_in += cost.nic_B / receiver(rank, op).nic_in_Bps;
    }
    const double nvlink_B = cost.nvlink_B + cost.tail_nvlink_B;
    if (nvlink_B > 0) busy.nvlink += nvlink_B * cost.load_factor(gpu.expert_load) / gpu.nvlink_Bps;
  }

  const OpGraph& graph_;
  std::span<const GpuState> gpus_;
  std::vector<double> alone_;                                             ///< [num_ranks][num_costs]
  std::vector<std::array<std::vector<std::uint32_t>, kNumLanes>> lanes_;  ///< [num_ranks] positions by lane
  std::vector<std::size_t> first_;                                        ///< [num_ranks] into ends_
  std::vector<double> ends_;                                              ///< of all operations, rank by rank
  std::vector<Busy> busy_;                                                ///< [num_ranks]
};

}  // namespace

LowerBound lower_bound(const OpGraph& graph, std::span<const GpuState> gpus) {
  if (gpus.size() != graph.num_ranks()) throw RunError("a bound needs one GPU for each pipeline rank");
  Bound bound(graph, gpus);
  return {bound.busiest_s(), bound.critical_path_s()};
}

}  // namespace moesim
