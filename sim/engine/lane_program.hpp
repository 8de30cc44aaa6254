#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/schedule/op_graph.hpp"

namespace moesim {

/// Where an operation sits: `queue` = index of the lane of the first member of its rank among the lanes of
/// all GPUs of a column, `order` = how many operations of that lane come before it.
struct LanePlace {
  std::uint32_t queue = 0;
  std::uint32_t order = 0;
};

/// An operation in the order of its lane. Times of the host count from the start of its segment, the part of
/// a program between two operations that the host waits for.
struct LaneEntry {
  std::uint32_t cost = 0;
  std::uint32_t position = 0;  ///< in the rank's program
  std::uint32_t first_need = 0;
  std::uint32_t first_next = 0;
  std::uint16_t num_needs = 0;
  std::uint16_t num_next = 0;
  std::int16_t peer_rank = -1;
  bool ends_segment = false;  ///< the host waits for this operation
  PassKind pass{};
  std::uint32_t segment = 0;
  std::uint16_t microbatch = 0;
  std::int16_t layer = -1;
  std::int32_t meeting = -1;  ///< number of the operation among those in which columns meet
  double launch_s = 0;        ///< the first kernel is launched
  double issued_s = 0;        ///< the last kernel is launched
};

/// An OpGraph laid out for replay: entries by lane, dependencies as places, dependents of every operation.
/// Shared by all members of all columns. Refers to the graph.
class LaneProgram {
 public:
  LaneProgram(const OpGraph& graph, int members, bool columns_meet);

  [[nodiscard]] const OpGraph& graph() const { return *graph_; }
  [[nodiscard]] int num_ranks() const { return num_ranks_; }
  [[nodiscard]] int members() const { return members_; }
  [[nodiscard]] int num_gpus() const { return num_ranks_ * members_; }
  [[nodiscard]] int num_meetings() const { return num_meetings_; }
  /// Entries of one lane of one rank.
  [[nodiscard]] std::span<const LaneEntry> lane(int rank, std::size_t lane) const {
    const std::size_t at = static_cast<std::size_t>(rank) * kNumLanes + lane;
    return {entries_.data() + lane_begin_[at], lane_begin_[at + 1] - lane_begin_[at]};
  }
  [[nodiscard]] std::span<const LanePlace> needs(const LaneEntry& e) const {
    return {needs_.data() + e.first_need, e.num_needs};
  }
  [[nodiscard]] std::span<const LanePlace> next(const LaneEntry& e) const {
    return {next_.data() + e.first_next, e.num_next};
  }
  [[nodiscard]] const OperationCost& cost(const LaneEntry& e) const { return costs_[e.cost]; }
  [[nodiscard]] const Operation& operation(int rank, const LaneEntry& e) const {
    return graph_->programs[static_cast<std::size_t>(rank)][e.position];
  }
  /// Of the first entry of a lane, given as a LanePlace has it with one member, among those of all lanes.
  [[nodiscard]] std::size_t first_entry(std::size_t queue) const { return lane_begin_[queue]; }
  [[nodiscard]] std::uint32_t first_queue(int rank, std::size_t lane) const {
    return static_cast<std::uint32_t>(static_cast<std::size_t>(rank * members_) * kNumLanes + lane);
  }

 private:
  void fill_lanes(bool columns_meet);
  void fill_needs();
  void fill_next();
  [[nodiscard]] LaneEntry& entry_at(LanePlace place);

  const OpGraph* graph_;
  const OperationCost* costs_;
  int num_ranks_;
  int members_;
  int num_meetings_ = 0;
  std::vector<std::uint32_t> lane_begin_;  ///< [num_ranks * kNumLanes + 1]
  std::vector<LaneEntry> entries_;
  std::vector<LanePlace> needs_;
  std::vector<LanePlace> next_;
  std::vector<LanePlace> places_;         ///< of all operations, rank by rank in the order of programs
  std::vector<std::size_t> first_place_;  ///< [num_ranks] into places_
};

}  // namespace moesim
