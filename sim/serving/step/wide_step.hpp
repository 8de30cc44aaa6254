#pragma once

#include "sim/serving/step/micro_batch.hpp"
#include "sim/serving/step/overlap_stages.hpp"
#include "sim/serving/step/wide_times.hpp"
#include "sim/serving/step/wide_unit.hpp"

namespace moesim {

/// How a stack runs iterations of a wide unit: its constants.
struct WideStepPolicy {
  bool overlap_prompts = false;
  bool overlap_decode = false;
  ComputeRates beside;  ///< of prompts, two micro-batches
  double waiting = 1;   ///< of GPUs for each other, on every MoE layer
  double spread = 0;    ///< of a stage, the slowest GPU of the unit over the mean one, less 1
  double step_framework = 0;
  double per_sequence = 0;
  double prefill_framework = 0;
  int drafts = 0;              ///< whose layer prompts pass once
  double draft_framework = 0;  ///< of one
  double prompt_launch = 0;    ///< host time of a launch; 0 in a graph
  double decode_launch = 0;
};

/// The policy of the stack and the cluster's spread of GPUs and operators (the expected slowest of the unit).
WideStepPolicy wide_step_policy(const UnitCostInput& input, const WideUnit& unit);

/// An iteration from its ingredients: the sum over layers of what the slowest GPU of each stage takes.
class WideStep {
 public:
  WideStep(const WideUnit& unit, const WideStepPolicy& policy) : unit_(unit), policy_(policy) {}

  [[nodiscard]] StepTime time(const StepBatch& batch, const ExpertState& experts,
                              const WideTimes& times) const;
  /// Whether the iteration runs as two micro-batches: the policy says so and the mean rank has two sequences
  /// that decode, or prompts.
  [[nodiscard]] bool overlaps(const StepBatch& batch) const;

 private:
  struct Rank;
  struct Layers;
  struct Run;
  [[nodiscard]] static Rank rank(const RankLoad& load, const Run& run);
  [[nodiscard]] MoeLayerTime layer(const Rank& rank, double experts, const TransferTimes& transfers,
                                   const Run& run) const;
  [[nodiscard]] KernelCost experts(double ratio, double skew, const Run& run) const;
  [[nodiscard]] Layers moe_layers(const RankLoads& loads, const Run& run) const;
  void add_dense_layers(StepTime& out, const RankLoads& loads, const Layers& moe, const Run& run) const;
  void add_draft(StepTime& out, const RankLoads& loads, double times, const Run& run) const;
  void add_drafts(StepTime& out, const RankLoads& loads, const Run& run) const;
  void add_framework(StepTime& out, const StepBatch& batch, const Run& run) const;

  WideUnit unit_;
  WideStepPolicy policy_;
};

}  // namespace moesim
