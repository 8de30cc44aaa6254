#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "sim/schedule/build_op_graph.hpp"
#include "sim/schedule/pass_sequence.hpp"
#include "sim/schedule/schedule_table.hpp"

namespace moesim::testing {

/// Seconds of each pass, the same in all stages. A full backward takes backward_input + weight.
struct UnitTimes {
  double forward = 1;
  double backward_input = 1;
  double weight = 1;
  double forward_backward = 3;

  [[nodiscard]] double backward() const { return backward_input + weight; }
  [[nodiscard]] PassTimes pass_times() const { return {forward, backward(), weight, forward_backward}; }
};

/// A block of one computation that waits for whatever enters the stage.
inline Block unit_block(std::uint32_t cost) {
  return {.operations = {{.cost = cost, .needs_activation = true, .needs_gradient = true}}};
}

/// One computation per pass and free sends.
inline PassBlocks unit_blocks(const ScheduleShape& shape, const UnitTimes& times) {
  PassBlocks blocks;
  for (const double work_s :
       {times.forward, times.backward(), times.backward_input, times.weight, times.forward_backward, 0.0}) {
    blocks.costs.push_back({.work_s = work_s});
  }
  const StageBlocks stage{.forward = unit_block(0),
                          .backward = unit_block(1),
                          .backward_input = unit_block(2),
                          .weight = unit_block(3),
                          .reduce_gradients = {},
                          .send_activation = 5,
                          .send_gradient = 5};
  blocks.stages.assign(static_cast<std::size_t>(num_stages(shape)), stage);
  for (const StagePair& pair : stage_pairs(shape)) blocks.forward_backward[pair] = unit_block(4);
  blocks.step_end.resize(static_cast<std::size_t>(shape.num_ranks));
  return blocks;
}

struct UnitRun {
  double makespan_s = 0;
  std::vector<double> busy_s;                ///< [num_ranks] computation
  std::vector<std::vector<double>> start_s;  ///< [num_ranks][num_operations]
  std::vector<std::vector<double>> end_s;
};

/// Longest path over dependencies and lane orders; an operation lasts `work_s`. No host, no sharing.
class LongestPath {
 public:
  explicit LongestPath(const OpGraph& graph, bool with_lanes = true)
      : graph_(graph), with_lanes_(with_lanes) {}

  UnitRun run() {
    const std::size_t num_ranks = graph_.num_ranks();
    run_.busy_s.assign(num_ranks, 0);
    for (const auto& program : graph_.programs) {
      run_.start_s.emplace_back(program.size(), -1.0);
      run_.end_s.emplace_back(program.size(), -1.0);
    }
    lane_free_.assign(num_ranks, {});
    std::vector<std::size_t> next(num_ranks, 0);
    for (std::size_t done = 0, before = 0; done < graph_.num_operations(); before = done) {
      for (std::size_t rank = 0; rank < num_ranks; ++rank) {
        while (next[rank] < graph_.programs[rank].size() && finish(rank, next[rank])) {
          ++next[rank];
          ++done;
        }
      }
      if (done == before) throw std::runtime_error("the graph cannot finish in program order");
    }
    return run_;
  }

 private:
  bool finish(std::size_t rank, std::size_t index) {
    const Operation& op = graph_.programs[rank][index];
    double& lane_free = lane_free_[rank][static_cast<std::size_t>(op.lane)];
    double start = with_lanes_ ? lane_free : 0;
    for (const Dependency& dependency : graph_.dependencies_of(op)) {
      const double end = run_.end_s[static_cast<std::size_t>(dependency.rank)][dependency.index];
      if (end < 0) return false;
      start = std::max(start, end);
    }
    const double work_s = graph_.cost_of(op).work_s;
    run_.start_s[rank][index] = start;
    run_.end_s[rank][index] = lane_free = start + work_s;
    run_.busy_s[rank] += work_s;
    run_.makespan_s = std::max(run_.makespan_s, lane_free);
    return true;
  }

  const OpGraph& graph_;
  bool with_lanes_;
  UnitRun run_;
  std::vector<std::array<double, kNumLanes>> lane_free_;
};

inline UnitRun longest_path(const OpGraph& graph) {
  return LongestPath(graph).run();
}
inline UnitRun critical_path(const OpGraph& graph) {
  return LongestPath(graph, false).run();
}

}  // namespace moesim::testing
