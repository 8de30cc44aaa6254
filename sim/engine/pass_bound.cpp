#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "sim/engine/alone.hpp"
#include "sim/engine/lower_bound.hpp"
#include "sim/schedule/pass_layout.hpp"

namespace moesim {
namespace {

constexpr auto kComputation = static_cast<std::size_t>(Lane::computation);

/// Seconds of each lane.
struct LaneTimes {
  std::array<double, kNumLanes> seconds{};
  int num_computations = 0;

  void add(const LaneTimes& other, int times) {
    for (std::size_t lane = 0; lane < kNumLanes; ++lane) seconds[lane] += times * other.seconds[lane];
    num_computations += times * other.num_computations;
  }
};

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// What a block takes on one GPU at least, every operation alone.
struct BlockTimes {
  LaneTimes lanes;
  double span_s = 0;           ///< from the start of its first computation to the end of its last one
  double to_activation_s = 0;  ///< to the end of the operation that yields what the next stage waits for
  double to_gradient_s = 0;    ///< to that of what the previous stage waits for
};

/// The longest chains of a block from a set of operations on, through dependencies within it and the orders
/// of its lanes.
class BlockChains {
 public:
  BlockChains(const Block& block, const std::vector<OperationCost>& costs, const GpuState& gpu)
      : block_(block), costs_(costs), gpu_(gpu) {}

  /// Ends of the operations from those on that `begins` names, [num_operations]; kUnreached of others.
  template <class Begins>
  [[nodiscard]] std::vector<double> ends_from(const Begins& begins) const {
    std::vector<double> ends(block_.operations.size(), kUnreached);
    std::array<double, kNumLanes> lane_ends{};
    lane_ends.fill(kUnreached);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const BlockOperation& op = block_.operations[i];
      double& lane_end = lane_ends[static_cast<std::size_t>(op.lane)];
      double start = begins(i) ? std::max(0.0, lane_end) : lane_end;
      for (const std::size_t earlier : op.after) start = std::max(start, ends[earlier]);
      ends[i] = lane_end = start + alone_s(costs_[op.cost], gpu_, gpu_);
    }
    return ends;
  }

  [[nodiscard]] BlockTimes times() const {
    BlockTimes times;
    std::size_t first = block_.operations.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < block_.operations.size(); ++i) {
      const BlockOperation& op = block_.operations[i];
      times.lanes.seconds[static_cast<std::size_t>(op.lane)] += alone_s(costs_[op.cost], gpu_, gpu_);
      if (op.lane != Lane::computation) continue;
      ++times.lanes.num_computations;
      first = std::min(first, i);
      last = i;
    }
    if (times.lanes.num_computations == 0) return times;
    const std::vector<double> ends = ends_from([first](std::size_t i) { return i == first; });
    const auto end_of = [&](std::size_t output) {
      return std::max(0.0, output == Block::kLast ? ends.back() : ends[output]);
    };
    times.span_s = ends[last];
    times.to_activation_s = end_of(block_.output_activation);
    times.to_gradient_s = end_of(block_.output_gradient);
    return times;
  }

  /// Of a block that waits for all computation: to the end of its last operation.
  [[nodiscard]] double behind_computation_s() const {
    double longest = 0;
    for (const double end : ends_from([&](std::size_t i) { return block_.operations[i].needs_gradient; }))
      longest = std::max(longest, end);
    return longest;
  }

 private:
  static constexpr double kUnreached = -std::numeric_limits<double>::infinity();

  const Block& block_;
  const std::vector<OperationCost>& costs_;
  const GpuState& gpu_;
};

class Passes {
 public:
  Passes(const ScheduleShape& shape, const PassBlocks& blocks, std::span<const GpuState> gpus)
      : shape_(shape), blocks_(blocks), gpus_(gpus), layout_(shape, blocks), known_(gpus.size()) {}

  /// Passes of a rank follow each other on its computation lane.
  struct RankBound {
    LaneTimes lanes;
    double passes_s = 0;       ///< from the start of the first computation on
    double to_gradient_s = 0;  ///< up to the last gradient that leaves the rank, 0 where none does
    PassStep last_gradient;
  };

  [[nodiscard]] RankBound bound_of(int rank) {
    RankBound sum;
    for (const PlacedPass& pass : layout_.of_rank(rank).passes) {
      const BlockTimes& times = times_of(*pass.block, rank);
      if (pass.step.chunk_b >= 0 && pass.step.kind != PassKind::weight) {
        sum.to_gradient_s = sum.passes_s + times.to_gradient_s;
        sum.last_gradient = pass.step;
      }
      sum.lanes.add(times.lanes, 1);
      sum.passes_s += times.span_s;
      if (!pass.completes_weights) continue;
      const int stage = stage_of(shape_, rank, pass.step.chunk_b);
      sum.lanes.add(times_of(blocks_.stages[at(stage)].reduce_gradients, rank).lanes, 1);
    }
    sum.lanes.add(times_of(blocks_.step_end[at(rank)], rank).lanes, 1);
    return sum;
  }

  /// Behind all computation of a rank.
  [[nodiscard]] double end_s(int rank) const {
    return BlockChains(blocks_.step_end[at(rank)], blocks_.costs, gpus_[at(rank)]).behind_computation_s();
  }

  /// The stages in front of the rank's first forward, by its micro-batch.
  [[nodiscard]] double fill_s(int rank) {
    const PassStep& first = layout_.of_rank(rank).passes.front().step;
    double sum = 0;
    for (int stage = stage_of(shape_, rank, first.chunk_f) - 1; stage >= 0; --stage) {
      const int there = rank_of(shape_, stage, first.microbatch_f);
      sum += times_of(blocks_.stages[at(stage)].forward, there).to_activation_s;
    }
    return sum;
  }

  /// The stages that a rank's last gradient still passes through, back to the first one. Where passes overlap
  /// it is left out: beside another pass a backward may take less than alone.
  [[nodiscard]] double drain_s(int rank, const PassStep& last) {
    if (runs_pairs(shape_.kind)) return 0;
    double sum = 0;
    for (int stage = stage_of(shape_, rank, last.chunk_b) - 1; stage >= 0; --stage) {
      const int there = rank_of(shape_, stage, last.microbatch_b);
      const StageBlocks& blocks = blocks_.stages[at(stage)];
      const double whole_s = times_of(blocks.backward, there).to_gradient_s;
      const double input_s = times_of(blocks.backward_input, there).to_gradient_s;
      sum += blocks.backward_input.operations.empty() ? whole_s : std::min(whole_s, input_s);
    }
    return sum;
  }

 private:
  const BlockTimes& times_of(const Block& block, int rank) {
    const auto [known, is_new] = known_[at(rank)].try_emplace(&block);
    if (is_new) known->second = BlockChains(block, blocks_.costs, gpus_[at(rank)]).times();
    return known->second;
  }

  const ScheduleShape& shape_;
  const PassBlocks& blocks_;
  std::span<const GpuState> gpus_;
  PassLayout layout_;
  std::vector<std::unordered_map<const Block*, BlockTimes>> known_;  ///< [num_ranks]
};

}  // namespace

PassBound bound_of_passes(const ScheduleShape& shape, const PassBlocks& blocks,
                          std::span<const GpuState> gpus) {
  if (gpus.size() != at(shape.num_ranks)) throw RunError("a bound needs one GPU for each pipeline rank");
  Passes passes(shape, blocks, gpus);
  PassBound bound;
  for (int rank = 0; rank < shape.num_ranks; ++rank) {
    const Passes::RankBound own = passes.bound_of(rank);
    const double fill_s = passes.fill_s(rank);
    bound.seconds = std::max({bound.seconds, *std::ranges::max_element(own.lanes.seconds),
                              fill_s + own.passes_s + passes.end_s(rank)});
    if (own.last_gradient.chunk_b >= 0)
      bound.seconds =
          std::max(bound.seconds, fill_s + own.to_gradient_s + passes.drain_s(rank, own.last_gradient));
    bound.computation_s += own.lanes.seconds[kComputation] / shape.num_ranks;
    bound.num_computations =
        rank == 0 ? own.lanes.num_computations : std::min(bound.num_computations, own.lanes.num_computations);
  }
  return bound;
}

}  // namespace moesim
