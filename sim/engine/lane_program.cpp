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
  const std::size_t total = graph_->num_operations();
  entries_.resize(total);
  places_.reserve(total);
  lane_begin_.push_back(0);
  for (int rank = 0; rank < num_ranks_; ++rank) {
    first_place_.push_back(places_.size());
    std::array<std::uint32_t, kNumLanes> count{};
    const auto& program = graph_->programs[static_cast<std::size_t>(rank)];
    for (const Operation& op : program)
      places_.push_back({first_queue(rank, as_index(op.lane)), count[as_index(op.lane)]++});
    const std::size_t first_lane = lane_begin_.size() - 1;
    for (const std::uint32_t n : count) lane_begin_.push_back(lane_begin_.back() + n);
    const LanePlace* place = places_.data() + first_place_.back();
    double host = 0;
    std::uint32_t segment = 0;
    for (std::uint32_t i = 0; i < program.size(); ++i) {
      const Operation& op = program[i];
      const OperationCost& cost = costs_[op.cost];
      LaneEntry& entry = entries_[lane_begin_[first_lane + as_index(op.lane)] + place[i].order];
      entry.cost = op.cost;
      entry.position = i;
      entry.peer_rank = op.peer_rank;
      entry.pass = op.pass;
      entry.microbatch = op.microbatch;
      entry.layer = op.layer;
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
  needs_.reserve(graph_->dependencies.size());
  for (int rank = 0; rank < num_ranks_; ++rank) {
    const Operation* program = graph_->programs[static_cast<std::size_t>(rank)].data();
    for (std::size_t l = 0; l < kNumLanes; ++l) {
      const std::uint32_t queue = first_queue(rank, l);
      const std::size_t at = static_cast<std::size_t>(rank) * kNumLanes + l;
      for (std::uint32_t i = lane_begin_[at]; i < lane_begin_[at + 1]; ++i) {
        LaneEntry& entry = entries_[i];
        entry.first_need = static_cast<std::uint32_t>(needs_.size());
        for (const Dependency& d : graph_->dependencies_of(program[entry.position])) {
          const LanePlace& need = places_[first_place_[static_cast<std::size_t>(d.rank)] + d.index];
          if (need.queue == queue && need.order < i - lane_begin_[at])
            continue;  // the lane's order implies it
          needs_.push_back(need);
        }
        entry.num_needs = static_cast<std::uint16_t>(needs_.size() - entry.first_need);
      }
    }
  }
}

LaneEntry& LaneProgram::entry_at(LanePlace place) {
  if (members_ == 1) return entries_[lane_begin_[place.queue] + place.order];
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
