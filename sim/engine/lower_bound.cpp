#include "sim/engine/lower_bound.hpp"

#include <array>
#include <vector>

#include "base/error.hpp"
#include "sim/engine/alone.hpp"
#include "sim/engine/lane_program.hpp"

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
  Bound(const LaneProgram& program, std::span<const GpuState> gpus)
      : program_(program),
        costs_(program.graph().costs),
        gpus_(gpus),
        busy_(gpus.size()),
        ends_(program.graph().num_operations(), kUnknown) {
    for (int rank = 0; rank < program.num_ranks(); ++rank) {
      for (const OperationCost& cost : costs_)
        alone_.push_back(moesim::alone_s(cost, gpus[at(rank)], gpus[at(rank)]));
      for (std::size_t lane = 0; lane < kNumLanes; ++lane) {
        for (const LaneEntry& entry : program.lane(rank, lane)) occupy(at(rank), lane, entry);
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
    std::vector<std::size_t> next(gpus_.size() * kNumLanes);
    std::size_t left = ends_.size();
    while (left > 0) {
      const std::size_t before = left;
      for (std::size_t queue = 0; queue < next.size(); ++queue) left -= advance(queue, next[queue]);
      if (left == before) throw RunError("a graph without end: its operations wait for each other");
    }
    return ends_.empty() ? 0 : *std::ranges::max_element(ends_);
  }

 private:
  /// Ends of the operations of a lane from its `next` on; how many became known.
  std::size_t advance(std::size_t queue, std::size_t& next) {
    const std::size_t rank = queue / kNumLanes;
    const auto lane = program_.lane(static_cast<int>(rank), queue % kNumLanes);
    double* ends = ends_.data() + program_.first_entry(queue);
    const std::size_t first = next;
    double start = next == 0 ? 0 : ends[next - 1];
    for (; next < lane.size(); ++next) {
      for (const LanePlace& needed : program_.needs(lane[next])) {
        const double end = ends_[program_.first_entry(needed.queue) + needed.order];
        if (end == kUnknown) return next - first;
        start = std::max(start, end);
      }
      start += alone_s(rank, lane[next]);
      ends[next] = start;
    }
    return next - first;
  }

  [[nodiscard]] const GpuState& receiver(std::size_t rank, const LaneEntry& entry) const {
    return gpus_[entry.peer_rank < 0 ? rank : at(entry.peer_rank)];
  }

  [[nodiscard]] double alone_s(std::size_t rank, const LaneEntry& entry) const {
    if (entry.peer_rank < 0) return alone_[rank * costs_.size() + entry.cost];
    return moesim::alone_s(costs_[entry.cost], gpus_[rank], receiver(rank, entry));
  }

  void occupy(std::size_t rank, std::size_t lane, const LaneEntry& entry) {
    const OperationCost& cost = costs_[entry.cost];
    const GpuState& gpu = gpus_[rank];
    Busy& busy = busy_[rank];
    busy.lanes[lane] += alone_s(rank, entry);
    if (cost.nic_B > 0) {
      busy.nic_out += cost.nic_B / gpu.nic_out_Bps;
      busy_[entry.peer_rank < 0 ? rank : at(entry.peer_rank)].nic_in +=
          cost.nic_B / receiver(rank, entry).nic_in_Bps;
    }
    const double nvlink_B = cost.nvlink_B + cost.tail_nvlink_B;
    if (nvlink_B > 0) busy.nvlink += nvlink_B * cost.load_factor(gpu.expert_load) / gpu.nvlink_Bps;
  }

  const LaneProgram& program_;
  const std::vector<OperationCost>& costs_;
  std::span<const GpuState> gpus_;
  std::vector<double> alone_;  ///< [num_ranks][num_costs]
  std::vector<Busy> busy_;     ///< [num_ranks]
  std::vector<double> ends_;   ///< [num_operations] lane by lane
};

}  // namespace

LowerBound lower_bound(const OpGraph& graph, std::span<const GpuState> gpus) {
  return lower_bound(LaneProgram(graph, 1, false), gpus);
}

LowerBound lower_bound(const LaneProgram& program, std::span<const GpuState> gpus) {
  if (program.members() != 1 || gpus.size() != at(program.num_ranks()))
    throw RunError("a bound needs one GPU for each pipeline rank");
  Bound bound(program, gpus);
  return {bound.busiest_s(), bound.critical_path_s()};
}

}  // namespace moesim
