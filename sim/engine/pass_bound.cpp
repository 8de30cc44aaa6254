#include <algorithm>
#include <array>
#include <map>

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

class Passes {
 public:
  Passes(const ScheduleShape& shape, const PassBlocks& blocks, std::span<const GpuState> gpus)
      : shape_(shape), blocks_(blocks), gpus_(gpus), layout_(shape, blocks) {}

  [[nodiscard]] LaneTimes lanes_of(int rank) const {
    std::map<const Block*, int> counts;
    LaneTimes sum;
    for (const PlacedPass& pass : layout_.of_rank(rank).passes) {
      ++counts[pass.block];
      if (pass.completes_weights) {
        const int stage = stage_of(shape_, rank, pass.step.chunk_b);
        ++counts[&blocks_.stages[at(stage)].reduce_gradients];
      }
    }
    ++counts[&blocks_.step_end[at(rank)]];
    for (const auto& [block, count] : counts) sum.add(times_of(*block, rank), count);
    return sum;
  }

  /// Computation of the stages in front of the rank's first forward, by its micro-batch.
  [[nodiscard]] double fill_s(int rank) const {
    const PassStep& first = layout_.of_rank(rank).passes.front().step;
    double sum = 0;
    for (int stage = stage_of(shape_, rank, first.chunk_f) - 1; stage >= 0; --stage) {
      const int there = rank_of(shape_, stage, first.microbatch_f);
      sum += times_of(blocks_.stages[at(stage)].forward, there).seconds[kComputation];
    }
    return sum;
  }

 private:
  [[nodiscard]] LaneTimes times_of(const Block& block, int rank) const {
    const GpuState& gpu = gpus_[at(rank)];
    LaneTimes times;
    for (const BlockOperation& op : block.operations) {
      times.seconds[static_cast<std::size_t>(op.lane)] += alone_s(blocks_.costs[op.cost], gpu, gpu);
      if (op.lane == Lane::computation) ++times.num_computations;
    }
    return times;
  }

  const ScheduleShape& shape_;
  const PassBlocks& blocks_;
  std::span<const GpuState> gpus_;
  PassLayout layout_;
};

}  // namespace

PassBound bound_of_passes(const ScheduleShape& shape, const PassBlocks& blocks,
                          std::span<const GpuState> gpus) {
  if (gpus.size() != at(shape.num_ranks)) throw RunError("a bound needs one GPU for each pipeline rank");
  const Passes passes(shape, blocks, gpus);
  PassBound bound;
  for (int rank = 0; rank < shape.num_ranks; ++rank) {
    const LaneTimes lanes = passes.lanes_of(rank);
    const double computation_s = lanes.seconds[kComputation];
    bound.seconds = std::max(
        {bound.seconds, *std::ranges::max_element(lanes.seconds), passes.fill_s(rank) + computation_s});
    bound.computation_s += computation_s / shape.num_ranks;
    bound.num_computations =
        rank == 0 ? lanes.num_computations : std::min(bound.num_computations, lanes.num_computations);
  }
  return bound;
}

}  // namespace moesim
