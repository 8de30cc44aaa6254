#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/schedule/op_graph.hpp"

namespace moesim {
namespace {

std::string find_cost_defect(const OperationCost& cost) {
  const std::array amounts{std::pair{"delay_s", cost.delay_s},
                           std::pair{"work_s", cost.work_s},
                           std::pair{"nic_B", cost.nic_B},
                           std::pair{"nvlink_B", cost.nvlink_B},
                           std::pair{"issue_s", cost.issue_s},
                           std::pair{"first_issue_s", cost.first_issue_s},
                           std::pair{"tail_nvlink_B", cost.tail_nvlink_B}};
  for (const auto& [name, amount] : amounts) {
    if (!(amount >= 0) || !std::isfinite(amount)) return fmt::format("{} is {}", name, amount);
  }
  if (!(cost.overlapped_rate > 0 && cost.overlapped_rate <= 1)) {
    return fmt::format("overlapped_rate is {}, not in (0, 1]", cost.overlapped_rate);
  }
  if (!(cost.expert_share >= 0 && cost.expert_share <= 1)) {
    return fmt::format("expert_share is {}, not in [0, 1]", cost.expert_share);
  }
  return {};
}

bool is_send(Lane lane) {
  return lane == Lane::send_forward || lane == Lane::send_backward;
}

std::string find_reference_defect(const OpGraph& graph, std::size_t rank, const Operation& op) {
  if (op.cost >= graph.costs.size()) return fmt::format("cost {} of {}", op.cost, graph.costs.size());
  if (static_cast<std::size_t>(op.lane) >= kNumLanes) return "unknown lane";
  if (static_cast<std::size_t>(op.pass) >= kNumPassKinds) return "unknown pass";
  if (std::size_t{op.first_dependency} + op.num_dependencies > graph.dependencies.size()) {
    return fmt::format("dependencies {} to {} of {}", op.first_dependency,
                       op.first_dependency + op.num_dependencies, graph.dependencies.size());
  }
  const auto num_ranks = static_cast<std::int64_t>(graph.num_ranks());
  if (op.peer_rank < -1 || op.peer_rank >= num_ranks || op.peer_rank == static_cast<std::int64_t>(rank)) {
    return fmt::format("peer rank {} of {}", op.peer_rank, num_ranks);
  }
  if (op.peer_rank >= 0 && !is_send(op.lane)) return "a peer rank outside the send lanes";
  for (const Dependency& dependency : graph.dependencies_of(op)) {
    if (dependency.rank < 0 || dependency.rank >= num_ranks ||
        dependency.index >= graph.programs[static_cast<std::size_t>(dependency.rank)].size()) {
      return fmt::format("waits for operation {} of rank {}, which does not exist", dependency.index,
                         dependency.rank);
    }
  }
  return {};
}

std::string find_use_defect(const OpGraph& graph, const Operation& op) {
  const OperationCost& cost = graph.cost_of(op);
  const bool computes = op.lane == Lane::computation;
  if (!computes && cost.work_s > 0) return "work outside the computation lane";
  if (computes && (cost.nic_B > 0 || cost.nvlink_B > 0 || cost.tail_nvlink_B > 0)) {
    return "bytes on the computation lane";
  }
  return {};
}

/// Follows "has to be done before" through the whole graph: dependencies, lane orders, and hosts that wait.
class OrderCheck {
 public:
  explicit OrderCheck(const OpGraph& graph) : graph_(graph) {
    for (const auto& program : graph.programs) {
      first_.push_back(static_cast<std::uint32_t>(num_operations_));
      num_operations_ += program.size();
    }
    build_edges();
  }

  /// An operation that can never start: its rank and index.
  [[nodiscard]] std::optional<Dependency> find_stuck() {
    std::vector<std::uint32_t> ready;
    for (std::uint32_t node = 0; node < num_operations_; ++node) {
      if (num_before_[node] == 0) ready.push_back(node);
    }
    std::size_t num_done = 0;
    while (!ready.empty()) {
      const std::uint32_t node = ready.back();
      ready.pop_back();
      ++num_done;
      for (std::uint32_t e = edge_begin_[node]; e < edge_begin_[node + 1]; ++e) {
        if (--num_before_[edges_[e]] == 0) ready.push_back(edges_[e]);
      }
    }
    if (num_done == num_operations_) return std::nullopt;
    return first_stuck();
  }

 private:
  /// Calls visit(before, after) for every pair of the order. Nodes number the operations of all ranks in
  /// turn.
  template <class Visit>
  void for_each_edge(Visit visit) const {
    for (std::size_t rank = 0; rank < graph_.num_ranks(); ++rank) {
      std::array<std::optional<std::uint32_t>, kNumLanes> last_of_lane;
      std::optional<std::uint32_t> host_waits_for;
      std::uint32_t node = first_[rank];
      for (const Operation& op : graph_.programs[rank]) {
        auto& last = last_of_lane[static_cast<std::size_t>(op.lane)];
        if (last) visit(*last, node);
        last = node;
        if (host_waits_for) visit(*host_waits_for, node);
        if (graph_.cost_of(op).host_waits) host_waits_for = node;
        for (const Dependency& dependency : graph_.dependencies_of(op)) {
          visit(first_[static_cast<std::size_t>(dependency.rank)] + dependency.index, node);
        }
        ++node;
      }
    }
  }

  void build_edges() {
    edge_begin_.assign(num_operations_ + 1, 0);
    num_before_.assign(num_operations_, 0);
    for_each_edge([this](std::uint32_t before, std::uint32_t after) {
      ++edge_begin_[before + 1];
      ++num_before_[after];
    });
    for (std::size_t i = 1; i <= num_operations_; ++i) edge_begin_[i] += edge_begin_[i - 1];
    edges_.resize(edge_begin_[num_operations_]);
    std::vector<std::uint32_t> next(edge_begin_.begin(), edge_begin_.end() - 1);
    for_each_edge(
        [this, &next](std::uint32_t before, std::uint32_t after) { edges_[next[before]++] = after; });
  }

  [[nodiscard]] Dependency first_stuck() const {
    for (std::size_t rank = 0; rank < graph_.num_ranks(); ++rank) {
      for (std::size_t i = 0; i < graph_.programs[rank].size(); ++i) {
        if (num_before_[first_[rank] + i] > 0) {
          return {.rank = static_cast<std::int32_t>(rank), .index = static_cast<std::uint32_t>(i)};
        }
      }
    }
    return {};
  }

  const OpGraph& graph_;
  std::size_t num_operations_ = 0;
  std::vector<std::uint32_t> first_;       ///< [num_ranks] node of the rank's first operation
  std::vector<std::uint32_t> edge_begin_;  ///< [num_operations + 1] into edges_
  std::vector<std::uint32_t> edges_;
  std::vector<std::uint32_t> num_before_;  ///< [num_operations] not yet done
};

}  // namespace

std::string find_defect(const OpGraph& graph) {
  for (std::size_t i = 0; i < graph.costs.size(); ++i) {
    const std::string defect = find_cost_defect(graph.costs[i]);
    if (!defect.empty()) return fmt::format("cost {} ({}): {}", i, to_string(graph.costs[i].phase), defect);
  }
  for (std::size_t rank = 0; rank < graph.num_ranks(); ++rank) {
    for (std::size_t i = 0; i < graph.programs[rank].size(); ++i) {
      const Operation& op = graph.programs[rank][i];
      std::string defect = find_reference_defect(graph, rank, op);
      if (defect.empty()) defect = find_use_defect(graph, op);
      if (!defect.empty()) return fmt::format("operation {} of rank {}: {}", i, rank, defect);
    }
  }
  if (const auto stuck = OrderCheck(graph).find_stuck()) {
    const Operation& op = graph.programs[static_cast<std::size_t>(stuck->rank)][stuck->index];
    return fmt::format(
        "operation {} of rank {} ({}, micro-batch {}) can never start: it is part of a cycle or behind one",
        stuck->index, stuck->rank, to_string(graph.cost_of(op).phase), op.microbatch);
  }
  return {};
}

}  // namespace moesim
