#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/plan/layout.hpp"
#include "sim/plan/process_groups.hpp"
#include "sim/plan/sharding.hpp"
#include "sim/plan/stage_assignment.hpp"
#include "workloads/training_recipe.hpp"

namespace moesim {

/// What GPU memory holds. The activations are those of all micro-batches in flight at the peak.
enum class MemoryItem : std::uint8_t {
  weights,            ///< BF16
  gathered_weights,   ///< ZeRO 3: what is there of the layers that compute, FP8 copies included
  fp8_copies,         ///< of linear weights, one each; transposes are made when a GEMM needs them
  gradients,          ///< accumulated over micro-batches
  gradient_buckets,   ///< of a layer that fills and one under way, where only shards accumulate
  master_weights,     ///< FP32
  moments,            ///< both of AdamW
  ema,                ///< FP32, when kept on the GPU
  residuals,          ///< inputs of the norms in front of attention, feed-forward part, MTP and heads, BF16
  norm_outputs,       ///< unless recomputed
  attention_latents,  ///< outputs of the MLA down projections, BF16
  attention_projections,  ///< queries, keys and values, BF16; unless recomputed from latents
  attention_output,       ///< input of the linear after attention, and the softmax statistics
  expert_inputs,          ///< dispatched rows
  swiglu_inputs,
  swiglu_outputs,      ///< unless recomputed from the inputs, BF16
  routing,             ///< gate logits and chosen experts
  recomputed,          ///< of one layer at a time, by its backward; with deferred weights of all of a stage
  deferred_gradients,  ///< output gradients that a later weight pass needs
  logits,              ///< of one head, with their gradient in place
  workspace,  ///< BF16 rows of one expert layer for each pass that runs at a time, and one transposed weight
  dispatch_buffers,
  pipeline_buffers,  ///< sent and received activations and gradients
};
inline constexpr std::size_t kNumMemoryItems = 23;

/// "weights", "fp8_copies", ...
std::string_view to_string(MemoryItem item);

/// Bytes by item of one GPU.
struct MemoryItems {
  std::array<Bytes, kNumMemoryItems> bytes{};

  [[nodiscard]] Bytes of(MemoryItem item) const { return bytes[static_cast<std::size_t>(item)]; }
  [[nodiscard]] Bytes& of(MemoryItem item) { return bytes[static_cast<std::size_t>(item)]; }
  [[nodiscard]] Bytes total() const;
  void add(const MemoryItems& other, double times = 1);
};

/// Memory of a GPU of each pipeline rank at the peak of a step.
struct MemoryPlan {
  std::vector<MemoryItems> ranks;  ///< [pp]
  std::vector<Bytes> host_ema;     ///< [pp] CPU memory per GPU
  /// [pp] Micro-batches that a rank keeps something of in its pass with the most memory; where it has several
  /// stages, those of each added up. Another pass may
  /// hold more micro-batches in less memory: DualPipe's peak of PP + 1 where weight passes wait for deferred
  /// gradients.
  std::vector<int> peak_microbatches;
  Bytes reserve{};   ///< context, NCCL, fragmentation: nothing that is an item
  Bytes capacity{};  ///< of the GPU

  [[nodiscard]] Bytes peak() const;
  [[nodiscard]] int peak_rank() const;
  [[nodiscard]] bool fits() const { return peak() + reserve <= capacity; }
};

/// Everything the memory of a GPU depends on.
struct MemoryInput {
  const ModelSpec& model;
  const Layout& layout;
  const TrainingRecipe& recipe;
  const std::vector<StageContent>& stages;  ///< [num_stages]
  const ClusterSpec& cluster;
  int num_microbatches = 1;  ///< of one pipeline
  ShardingPolicy sharding = {};
};

/// GPUs that hold the same parameters: a group of `kind`, replicas or expert_data, on each pipeline rank that
/// has their stage (two under DualPipe, else one). Gradients are summed over all of them and ZeRO shards over
/// them.
int num_copies(const ProcessGroups& groups, GroupKind kind, ScheduleKind schedule);

/// Parameters of one stage on one GPU, elements.
struct StageParameters {
  double linear = 0;   ///< outside routed experts, multiplied in the training precision
  double plain = 0;    ///< embedding, head, gate, norms: BF16
  double experts = 0;  ///< routed

  [[nodiscard]] double others() const { return linear + plain; }
  void add(const StageParameters& other);
};

/// Of each part of a stage in forward order: embedding, layers, head, and of each MTP module its projection
/// (with what tables of its own it has), its layer and its head (nothing). They add up to stage_parameters.
std::vector<StageParameters> item_parameters(const MemoryInput& input, const StageContent& stage,
                                             bool shares_embedding);

/// The bucket of each item, 0 the first that a backward completes: at most `num_buckets` of about the same
/// number of parameters, each of neighbouring items.
std::vector<int> gradient_buckets(const std::vector<StageParameters>& items, int num_buckets);

/// `shares_embedding`: the MTP modules of the stage need no embedding table of their own.
StageParameters stage_parameters(const MemoryInput& input, const StageContent& stage, bool shares_embedding);

/// Activations that one micro-batch leaves between its forward and its backward pass.
MemoryItems stage_activations(const MemoryInput& input, const StageContent& stage);

/// What a backward computes again of a stage: of the layer with the most, and of all layers, for weight
/// passes that come later. Of recompute `swiglu`, `rms_norm` and `mla_up_projection` nothing counts: their
/// kernels write where the workspace is.
struct RecomputedActivations {
  Bytes largest_layer;
  Bytes all;
};
RecomputedActivations recomputed_activations(const MemoryInput& input, const StageContent& stage);

/// Output gradients of linears between a micro-batch's input-gradient pass and its weight pass.
Bytes stage_deferred_gradients(const MemoryInput& input, const StageContent& stage);

/// Activations and deferred gradients of `rank` in the pass with the largest sum; `num_in_flight` gets its
/// micro-batches, each of the rank's stages counted for itself.
MemoryItems peak_activations(const MemoryInput& input, const ScheduleShape& shape, int rank,
                             int& num_in_flight);

/// A rank holds the stages of its chunks, each with its own parameters. The schedule's micro-batches in
/// flight are weighed pass by pass; items are those of the pass with the largest sum. `capacity` and
/// `reserve` are kept for fits().
MemoryPlan plan_memory(const MemoryInput& input, Bytes capacity, Bytes reserve);

}  // namespace moesim
