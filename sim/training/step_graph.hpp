#pragma once

#include <vector>

#include "calib/profile/provenance_account.hpp"
#include "sim/engine/engine.hpp"
#include "sim/training/cost_table.hpp"
#include "sim/training/stage_blocks.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// What of a step is simulated; what is left out takes no time. For the waterfall, which adds part by part.
struct StepParts {
  bool expert_transfers = true;  ///< and the collectives of groups that a layer is split over
  bool pipeline_transfers = true;
  bool step_end = true;     ///< reduce-scatter, optimizer and all-gather
  bool expert_load = true;  ///< as routed, else balanced
  bool gpu_spread = true;
  bool jitter = true;
};

/// A step as operations, with the origin of each cost's time.
struct StepGraph {
  OpGraph graph;
  std::vector<ProvenanceFractions> origins;  ///< [num_costs]
  LayerLoads loads;
};

/// The blocks of a step, which a graph repeats for every micro-batch: all that bound_of_passes() needs.
struct StepBlocks {
  PassBlocks blocks;
  std::vector<ProvenanceFractions> origins;  ///< [num_costs]
  LayerLoads loads;
};

/// The loads that a step with these parts sees.
LayerLoads loads_of(const TrainingInputs& inputs, const StepParts& parts);

StepBlocks price_step(const TrainingInputs& inputs, const StepParts& parts);
StepGraph graph_of_step(const TrainingInputs& inputs, StepBlocks blocks);
StepGraph build_step(const TrainingInputs& inputs, const StepParts& parts);

/// What jitter adds, as a fraction, to the slowest of the GPUs that meet in the transfers of a pass that runs
/// alone, where a representative GPU stands for them; 0 where every GPU is simulated. Beside computation the
/// slack of the transfers takes it up. Speed and jitter are independent, so their expected maximum grows with
/// the root of the sum of squares.
double jitter_of_slowest(const TrainingInputs& inputs, const StepParts& parts);

/// Items of a stage in forward order: embedding, layers, head, MTP modules with their heads.
std::vector<StageItem> stage_items(const TrainingInputs& inputs, const StageContent& stage,
                                   class LayerPricer& pricer);

/// The representative GPUs of a step with these loads, [num_ranks].
std::vector<GpuState> representative_gpus(const TrainingInputs& inputs, const LayerLoads& loads,
                                          const StepParts& parts);

/// The GPUs that a step runs on: representatives, or all of the cluster.
EngineInput engine_input(const TrainingInputs& inputs, const StepGraph& step, const StepParts& parts,
                         int threads);

}  // namespace moesim
