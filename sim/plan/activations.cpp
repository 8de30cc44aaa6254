#include <algorithm>

#include "models/parameters.hpp"
#include "sim/plan/memory_plan.hpp"

namespace moesim {
namespace {

constexpr double kBf16 = 2;
constexpr double kFp32 = 4;

double elements(std::int64_t count) {
  return static_cast<double>(count);
}

/// Tokens of a micro-batch on one GPU outside attention: tensor-parallel ranks hold parts of the sequence.
double tokens(const MemoryInput& input) {
  return elements(input.recipe.sequence_length) * input.layout.micro_batch /
         (input.layout.cp * input.layout.tp);
}

/// GPUs of a tensor-parallel group that keep the same values between the parts that it splits.
double copies(const MemoryInput& input) {
  return static_cast<double>(input.layout.tp) / input.layout.token_parts();
}

/// Rows that this GPU's experts get of a micro-batch. Ranks of one expert_tensor group see the same rows.
double expert_rows(const MemoryInput& input) {
  return tokens(input) * input.layout.etp * input.model.top_k * input.recipe.padded_rows() *
         input.recipe.memory.expert_rows_over_mean;
}

/// Bytes per token of the whole sequence part, divided over tensor-parallel ranks like tokens().
MemoryItems attention(const MemoryInput& input) {
  const ModelSpec& model = input.model;
  const double linear = bytes_per_value(input.recipe.linear_format());
  const double latent = elements(model.mla.q_lora_rank + model.mla.kv_lora_rank);
  const double queries = elements(model.num_heads * model.qk_head());
  const bool is_mla = model.uses_mla();
  const double keys = is_mla ? queries : elements(model.num_kv_heads * model.qk_head());
  const double values = elements((is_mla ? model.num_heads : model.num_kv_heads) * model.v_head());
  MemoryItems items;
  items.of(MemoryItem::residuals) = Bytes(kBf16 * elements(model.hidden) * copies(input));
  if (!input.layout.recomputes(Recompute::rms_norm)) {
    items.of(MemoryItem::norm_outputs) = Bytes(linear * (elements(model.hidden) + latent) * copies(input));
  }
  if (is_mla) items.of(MemoryItem::attention_latents) = Bytes(kBf16 * (latent + elements(model.mla.qk_rope)));
  if (!is_mla || !input.layout.recomputes(Recompute::mla_up_projection)) {
    items.of(MemoryItem::attention_projections) = Bytes(kBf16 * (queries + keys + values));
  }
  // The output stays for the weight gradient of the linear after attention, the statistics for the core's
  // own.
  const double statistics = input.layout.recomputes(Recompute::core_attention) ? 0 : kFp32;
  items.of(MemoryItem::attention_output) =
      Bytes(bytes_per_value(input.recipe.attention_output()) * elements(model.num_heads * model.v_head()) +
            statistics * model.num_heads);
  return items;
}

/// Gate and up projection feed SwiGLU: twice the width. Its output is the input of the down projection.
void add_swiglu(MemoryItems& items, const MemoryInput& input, double width) {
  items.of(MemoryItem::swiglu_inputs) = Bytes(bytes_per_value(input.recipe.swiglu_inputs()) * 2 * width);
  const bool again =
      input.recipe.precision != TrainingPrecision::bf16 || input.layout.recomputes(Recompute::swiglu);
  if (!again) items.of(MemoryItem::swiglu_outputs) = Bytes(kBf16 * width);
}

MemoryItems feed_forward(const MemoryInput& input, LayerKind kind) {
  const ModelSpec& model = input.model;
  MemoryItems items;
  items.of(MemoryItem::residuals) = Bytes(kBf16 * elements(model.hidden) * copies(input));
  if (!input.layout.recomputes(Recompute::rms_norm)) {
    items.of(MemoryItem::norm_outputs) =
        Bytes(bytes_per_value(input.recipe.linear_format()) * elements(model.hidden) * copies(input));
  }
  const bool is_moe = kind == LayerKind::moe;
  const double width = elements(is_moe ? model.shared_intermediate() : model.dense_intermediate);
  if (!input.layout.recomputes(Recompute::mlp)) add_swiglu(items, input, width);
  if (is_moe) items.of(MemoryItem::routing) = Bytes(kFp32 * model.num_experts + 2 * kFp32 * model.top_k);
  return items;
}

MemoryItems experts(const MemoryInput& input) {
  MemoryItems items;
  if (input.layout.recomputes(Recompute::moe)) return items;
  items.of(MemoryItem::expert_inputs) =
      Bytes(bytes_per_value(input.recipe.expert_inputs()) * elements(input.model.hidden));
  add_swiglu(items, input, elements(input.model.expert_intermediate) / input.layout.etp);
  return items;
}

/// Of one layer and one micro-batch.
MemoryItems layer(const MemoryInput& input, LayerKind kind) {
  const double here = tokens(input);
  MemoryItems items;
  items.add(attention(input), here);
  items.add(feed_forward(input, kind), here);
  if (kind == LayerKind::moe) items.add(experts(input), expert_rows(input));
  return items;
}

/// Layers of a stage, MTP modules among the MoE ones, by what they keep.
struct LayerCounts {
  int dense = 0;
  int moe = 0;
  int inputs_only = 0;  ///< recomputed as a whole
};

LayerCounts count_layers(const Layout& layout, const StageContent& stage) {
  LayerCounts counts;
  const int num_layers = stage.num_layers() + stage.num_mtp;
  for (int k = 0; k < num_layers; ++k) {
    const bool whole = layout.recomputes_layer(k);
    ++(whole ? counts.inputs_only : k < stage.num_dense ? counts.dense : counts.moe);
  }
  return counts;
}

/// Values at the outputs of the linears of a layer outside routed experts, per token.
double linear_outputs(const ModelSpec& model, LayerKind kind) {
  const double width =
      elements(kind == LayerKind::moe ? model.shared_intermediate() : model.dense_intermediate);
  const double queries = elements(model.num_heads * model.qk_head());
  double attention = queries + elements(2 * model.num_kv_heads * model.head_dim);
  if (model.uses_mla()) {
    attention = queries + elements(model.num_heads * (model.mla.qk_nope + model.mla.v_head)) +
                elements(model.mla.q_lora_rank + model.mla.kv_lora_rank + model.mla.qk_rope);
  }
  return attention + elements(model.hidden) + (width > 0 ? 2 * width + elements(model.hidden) : 0);
}

}  // namespace

MemoryItems stage_activations(const MemoryInput& input, const StageContent& stage) {
  const double here = tokens(input);
  const LayerCounts counts = count_layers(input.layout, stage);
  MemoryItems items;
  items.add(layer(input, LayerKind::dense), counts.dense);
  items.add(layer(input, LayerKind::moe), counts.moe);
  // A layer that is recomputed as a whole keeps its input.
  items.of(MemoryItem::residuals) += Bytes(kBf16 * here * elements(input.model.hidden) * counts.inputs_only);
  // An MTP projection has two norms in front, a head has one.
  const double norms = 2 * stage.num_mtp + stage.num_heads();
  const double width = here * norms * elements(input.model.hidden) * copies(input);
  items.of(MemoryItem::residuals) += Bytes(kBf16 * width);
  if (!input.layout.recomputes(Recompute::rms_norm)) {
    items.of(MemoryItem::norm_outputs) += Bytes(bytes_per_value(input.recipe.linear_format()) * width);
  }
  return items;
}

RecomputedActivations recomputed_activations(const MemoryInput& input, const StageContent& stage) {
  Layout nothing = input.layout;
  nothing.recompute.clear();
  for (const Recompute kept : {Recompute::rms_norm, Recompute::mla_up_projection, Recompute::swiglu}) {
    if (input.layout.recomputes(kept)) nothing.recompute.push_back(kept);
  }
  const MemoryInput everything{input.model,   nothing,       input.recipe,
                               input.stages,  input.cluster, input.num_microbatches,
                               input.sharding};
  const double input_B = kBf16 * tokens(input) * elements(input.model.hidden);
  RecomputedActivations sum;
  for (int k = 0; k < stage.num_layers() + stage.num_mtp; ++k) {
    const LayerKind kind = k < stage.num_dense ? LayerKind::dense : LayerKind::moe;
    const Bytes kept = input.layout.recomputes_layer(k) ? Bytes(input_B) : layer(input, kind).total();
    const Bytes again = layer(everything, kind).total() - kept;
    sum.all += again;
    sum.largest_layer = std::max(sum.largest_layer, again);
  }
  return sum;
}

Bytes stage_deferred_gradients(const MemoryInput& input, const StageContent& stage) {
  const int num_moe = stage.num_moe + stage.num_mtp;
  const double expert_width = 2 * elements(input.model.expert_intermediate) / input.layout.etp;
  const double values = tokens(input) * (stage.num_dense * linear_outputs(input.model, LayerKind::dense) +
                                         num_moe * linear_outputs(input.model, LayerKind::moe)) +
                        expert_rows(input) * num_moe * (expert_width + elements(input.model.hidden));
  return Bytes(values * bytes_per_value(input.recipe.linear_format()));
}

}  // namespace moesim
