#pragma once

#include <optional>
#include <vector>

#include "models/model_spec.hpp"
#include "sim/plan/layout.hpp"
#include "sim/schedule/schedule_shape.hpp"

namespace moesim {

/// Time of one micro-batch on each kind of layer, all passes together; only ratios matter.
struct LayerTimes {
  double dense = 1;
  double moe = 1;
  double mtp = 1;   ///< one module without its head
  double head = 1;  ///< one; a model with MTP has mtp_depth more
  double embedding = 0;
};

/// Times by the FLOPs of a training token at `sequence_length` (causal).
LayerTimes layer_times_by_flops(const ModelSpec& model, std::int64_t sequence_length);

/// What one pipeline stage computes: consecutive layers, and the ends of the model.
struct StageContent {
  int first_layer = 0;
  int num_dense = 0;
  int num_moe = 0;
  bool has_embedding = false;  ///< the first stage
  bool has_head = false;       ///< the last stage
  int num_mtp = 0;             ///< MTP modules, each with one more head, on the last stage

  [[nodiscard]] int num_layers() const { return num_dense + num_moe; }
  [[nodiscard]] int num_heads() const { return has_head ? 1 + num_mtp : 0; }
  friend bool operator==(const StageContent&, const StageContent&) = default;
};

double stage_time(const StageContent& stage, const LayerTimes& times);

/// Stages with the given numbers of layers. They must add up to the model's.
std::vector<StageContent> assign_stages(const ModelSpec& model, const std::vector<int>& stage_layers);

/// The assignment that minimises the largest time of a pipeline rank: t(s) + t(stages - 1 - s) where the
/// schedule puts both on a rank, else t(s). Of those within 1 % of the least, which layer times cannot tell
/// apart, the one with the most even stages, then with the earlier layers first. Where a rank has
/// several stages of a loop, stages stand for ranks: that is step_pace(). There and in a V the last stage may
/// have the head alone.
std::vector<StageContent> balance_stages(const ModelSpec& model, const ScheduleShape& pipeline,
                                         const LayerTimes& times);

/// The largest time of a pipeline rank, all its stages together.
double largest_rank_time(const std::vector<StageContent>& stages, const ScheduleShape& pipeline,
                         const LayerTimes& times);

/// Time of a micro-batch in the steady state. Where ranks work on all their stages in turn it is the largest
/// time of a rank; in a loop, whose ranks are at different chunks at a time, every pass waits for the slowest
/// stage.
double step_pace(const std::vector<StageContent>& stages, const ScheduleShape& pipeline,
                 const LayerTimes& times);

}  // namespace moesim
