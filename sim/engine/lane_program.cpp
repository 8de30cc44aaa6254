#include "sim/engine/lane_program.hpp"

#include <array>

namespace moesim {
namespace {

std::size_t as_index(Lane lane) {
  return static_cast<std::size_t>(lane);
}

}  // namespace

LaneProgram::LaneProgram(const OpGraph& graph, int members, bool columns_meet)
    : graph_(&graph),
      costs_(graph.costs.data()),
      num_ranks_(static_cast<int>(graph.num_ranks())),
      members_(members) {
  fill_lanes(columns_meet);
  fill_needs();
  fill_next();
}

void LaneProgram::fill_lanes(bool columns_meet) {
  std::size_t total = 0;
  for (const auto& program : graph_->programs) total += program.size();
  entries_.resize(total);
  lane_begin_.push_back(0);
  for (const auto& program : graph_->programs) {
    std::array<std::uint32_t, kNumLanes> count{};
    auto& orders = orders_.emplace_back();
    orders.reserve(program.size());
    for (const Operation& op : program) orders.push_back(count[as_index(op.lane)]++);
    const std::size_t first_lane = lane_begin_.size() - 1;
    for (const std::uint32_t n : count) lane_begin_.push_back(lane_begin_.back() + n);
    double host = 0;
    std::uint32_t segment = 0;
    for (std::uint32_t i = 0; i < program.size(); ++i) {
      const Operation& op = program[i];
      const OperationCost& cost = costs_[op.cost];
      LaneEntry& entry = entries_[lane_begin_[first_lane + as_index(op.lane)] + orders[i]];
      entry.cost = op.cost;
      entry.position = i;
      entry.peer_rank = op.peer_rank;
      entry.segment = segment;
      entry.launch_s = host + cost.first_issue_s;
      host += cost.issue_s;
      entry.issued_s = host;
      if (columns_meet && cost.sync == SyncScope::all) entry.meeting = num_meetings_++;
      if (!cost.host_waits) continue;
      entry.ends_segment = true;
      ++segment;
      host = 0;
    }
  }
}

void LaneProgram::fill_needs() {
  for (int rank = 0; rank < num_ranks_; ++rank) {
    for (std::size_t l = 0; l < kNumLanes; ++l) {
      const std::size_t at = static_cast<std::size_t>(rank) * kNumLanes + l;
      for (std::uint32_t i = lane_begin_[at]; i < lane_begin_[at + 1]; ++i) {
        LaneEntry& entry = entries_[i];
        entry.first_need = static_cast<std::uint32_t>(needs_.size());
        for (const Dependency& d : graph_->dependencies_of(operation(rank, entry))) {
          const auto other = static_cast<std::size_t>(d.rank);
          const auto lane = as_index(graph_->programs[other][d.index].lane);
          const std::uint32_t order = orders_[other][d.index];
          if (d.rank == rank && lane == l && order < i - lane_begin_[at])
            continue;  // the lane's order implies it
          needs_.push_back({first_queue(d.rank, lane), order});
        }
        entry.num_needs = static_cast<std::uint16_t>(needs_.size() - entry.first_need);
      }
    }
  }
}

LaneEntry& LaneProgram::entry_at(LanePlace place) {
  const std::size_t lane = place.queue % kNumLanes;
  const std::size_t rank = place.queue / kNumLanes / static_cast<std::size_t>(members_);
  return entries_[lane_begin_[rank * kNumLanes + lane] + place.order];
}

void LaneProgram::fill_next() {
  for (const LanePlace& need : needs_) ++entry_at(need).num_next;
  std::uint32_t total = 0;
  for (LaneEntry& entry : entries_) {
    entry.first_next = total;
    total += entry.num_next;
    entry.num_next = 0;
  }
  next_.resize(total);
  for (int rank = 0; rank < num_ranks_; ++rank) {
    for (std::size_t l = 0; l < kNumLanes; ++l) {
      std::uint32_t order = 0;
      for (const LaneEntry& entry : lane(rank, l)) {
        const LanePlace self{first_queue(rank, l), order++};
        for (const LanePlace& need : needs(entry)) {
          LaneEntry& before = entry_at(need);
          next_[before.first_next + before.num_next++] = self;
        }
      }
    }
  }
}

}  // namespace moesim
