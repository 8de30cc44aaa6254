#pragma once

#include <vector>

#include "sim/plan/memory_plan.hpp"
#include "sim/schedule/pass_blocks.hpp"
#include "sim/training/cost_table.hpp"
#include "sim/training/data_parallel_blocks.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// What a layout and a stack's policy make of the data-parallel traffic of a step.
struct DataParallelChoice {
  bool gathers_in_passes = false;  ///< weights of each item before every pass that multiplies with them
  bool gathers_at_start = false;   ///< weights behind the first forward only, so none at the end of the step
  bool reduces_in_passes = false;  ///< behind the last backward, the rest at the end of the step
  bool reduces_every_microbatch = false;
};
DataParallelChoice data_parallel_choice(const Layout& layout, const DataParallelPolicy& policy);

/// Puts the traffic of data parallelism into the blocks of stages and the ends of ranks.
class DataParallelStep {
 public:
  DataParallelStep(const TrainingInputs& inputs, CostTable& table);

  /// `blocks` of a stage as they are without data parallelism.
  void add_to(StageBlocks& blocks, StageId stage);
  /// The same of the forward of one stage beside the backward of another.
  void add_to_pair(Block& block, StageId forward, StageId backward);
  /// Reduction of what no pass has reduced, optimizer, and the gather that no pass does.
  Block step_end(int pipeline_rank);

 private:
  /// Of a stage, with each item's bucket.
  struct Buckets {
    std::vector<StageParameters> items;
    std::vector<int> bucket_of;
    int num_buckets = 0;
  };
  [[nodiscard]] Buckets buckets_of(StageId stage) const;
  [[nodiscard]] bool holds_embedding(int pipeline_rank) const;
  /// Of the rank's stages the one whose gradients are complete last: the nearest to the input.
  [[nodiscard]] StageId last_stage(int pipeline_rank) const;
  [[nodiscard]] GatherPlan gather_plan(const Buckets& stage);
  /// Of a backward, `plan` being that of the stage's forward.
  [[nodiscard]] GatherPlan gathered_again(const Buckets& stage, GatherPlan plan) const;
  [[nodiscard]] std::vector<Reduction> reductions(const Buckets& stage);
  void add_gathers(StageBlocks& blocks, const Buckets& stage);
  void add_reductions(StageBlocks& blocks, const Buckets& stage, bool leaves_last);

  const TrainingInputs& inputs_;
  CostTable& table_;
  DataParallelChoice choice_;
};

}  // namespace moesim
