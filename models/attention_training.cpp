#include "models/attention_passes.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// Rotates queries in place and builds each head's key from its own part and the rotated part all heads
/// share.
void append_mla_assembly(OperatorList& list, const AttentionWidths& s) {
  const double heads = real(s.heads);
  list.elementwise("rope.key", s.rows, real(s.rope), real(s.rope));
  list.elementwise("assemble_key.nope", s.kv_rows, heads * real(s.nope), heads * real(s.nope));
  list.elementwise("assemble_key.rope", s.kv_rows, real(s.rope), heads * real(s.rope));
  list.elementwise("rope.query", s.rows, heads * real(s.rope), heads * real(s.rope));
}

/// From the hidden states to queries, keys and values.
void append_latents(OperatorList& list, const AttentionWidths& s) {
  if (s.q_lora > 0) {
    list.quantise("q_down", s.rows, real(s.hidden));
    list.forward(s.q_down());
  }
  list.quantise("kv_down", s.rows, real(s.hidden));
  list.forward(s.kv_down());
}

void append_latent_norms(OperatorList& list, const AttentionWidths& s) {
  if (s.q_lora > 0) list.elementwise("rms_norm.q_latent", s.rows, real(s.q_lora), real(s.q_lora));
  list.elementwise("copy.kv_latent", s.rows, real(s.kv_lora), real(s.kv_lora));
  list.elementwise("rms_norm.kv_latent", s.rows, real(s.kv_lora), real(s.kv_lora));
}

void append_mla_up(OperatorList& list, const AttentionWidths& s) {
  const bool low_rank = s.q_lora > 0;
  list.quantise(low_rank ? "q_up" : "q_proj", s.rows, real(low_rank ? s.q_lora : s.hidden));
  list.forward(low_rank ? s.q_up() : s.q_proj());
  list.quantise("kv_up", s.kv_rows, real(s.kv_lora));
  list.forward(s.kv_up(s.kv_rows));
}

void append_projections(OperatorList& list, const ModelSpec& spec, const AttentionWidths& s) {
  if (!spec.uses_mla()) {
    append_qkv(list, s);
    return;
  }
  append_latents(list, s);
  append_latent_norms(list, s);
  append_mla_up(list, s);
  append_mla_assembly(list, s);
}

/// What a backward pass computes again before the attention core.
void append_recomputed(OperatorList& list, const ModelSpec& spec, const AttentionWidths& s,
                       const OperatorContext& context) {
  const RecomputeChoices& recompute = context.recompute;
  if (recompute.full_layer) return;
  list.set_recomputed(true);
  if (recompute.rms_norm && spec.uses_mla()) append_latent_norms(list, s);
  if (recompute.rms_norm && !spec.uses_mla()) append_query_key_norm(list, s);
  if (recompute.mla_up_projection && spec.uses_mla()) {
    append_mla_up(list, s);
    append_mla_assembly(list, s);
  }
  if (recompute.core_attention) append_core(list, s, context, mean_kv_tokens(context));
  list.set_recomputed(false);
}

void append_output_backward(OperatorList& list, const AttentionWidths& s) {
  const double hidden = real(s.hidden), width = real(s.out_width());
  // Residual gradient and the norm's input and output gradient in, their sum out.
  list.elementwise("rms_norm_backward.mlp", s.residual_rows, 3 * hidden, hidden);
  list.elementwise("scale.attention_output_gradient", s.residual_rows, hidden, hidden);
  if (list.keeps_e5m6()) {
    list.small("restore_e5m6.attention_output", s.rows * width * kE5m6Element, s.rows * width * kBf16Element);
  }
  list.quantise("o_proj_gradient", s.rows, hidden);
  list.transpose_weight("o_proj", s.hidden, s.out_width());
  list.input_gradient(s.o_proj());
  list.cast_transpose("o_proj_input", s.rows, width);
  list.cast_transpose("o_proj_gradient", s.rows, hidden);
}

/// dgrad of one projection whose output gradient is in BF16.
void append_projection_backward(OperatorList& list, const Linear& linear) {
  list.transpose_weight(linear.name, linear.n, linear.k);
  list.quantise(std::string(linear.name) + "_gradient", linear.rows, real(linear.n));
  list.input_gradient(linear);
}

/// Both operands of one projection's weight gradient.
void append_weight_operands(OperatorList& list, const Linear& linear) {
  list.cast_transpose(std::string(linear.name) + "_gradient", linear.rows, real(linear.n));
  list.cast_transpose(std::string(linear.name) + "_input", linear.rows, real(linear.k));
}

void append_mla_up_backward(OperatorList& list, const AttentionWidths& s) {
  const double heads = real(s.heads);
  const Linear query = s.q_lora > 0 ? s.q_up() : s.q_proj();
  const Linear kv = s.kv_up(s.kv_rows);
  list.elementwise("rope_backward.query", s.rows, heads * real(s.rope), heads * real(s.rope));
  append_projection_backward(list, query);
  list.elementwise("reduce_key_rope_gradient", s.kv_rows, heads * real(s.rope), real(s.rope));
  list.elementwise("assemble_kv_gradient.key", s.kv_rows, heads * real(s.nope), heads * real(s.nope));
  list.elementwise("assemble_kv_gradient.value", s.kv_rows, heads * real(s.v), heads * real(s.v));
  append_projection_backward(list, kv);
  append_weight_operands(list, kv);
  append_weight_operands(list, query);
  list.elementwise("rms_norm_backward.kv_latent", s.rows, 2 * real(s.kv_lora), real(s.kv_lora));
  if (s.q_lora > 0)
    list.elementwise("rms_norm_backward.q_latent", s.rows, 2 * real(s.q_lora), real(s.q_lora));
}

void append_recomputed_input_norm(OperatorList& list, const AttentionWidths& s,
                                  const RecomputeChoices& recompute) {
  if (!recompute.rms_norm || recompute.full_layer) return;
  list.set_recomputed(true);
  list.elementwise("rms_norm.input", s.residual_rows, real(s.hidden), real(s.hidden));
  list.set_recomputed(false);
}

void append_input_backward(OperatorList& list, const ModelSpec& spec, const AttentionWidths& s,
                           const RecomputeChoices& recompute) {
  const double hidden = real(s.hidden);
  if (spec.uses_mla()) append_mla_up_backward(list, s);
  append_recomputed_input_norm(list, s, recompute);
  if (!spec.uses_mla()) {
    list.elementwise("rope_backward.query_key", s.rows, real((s.heads + s.kv_heads) * s.rope),
                     real((s.heads + s.kv_heads) * s.rope));
    if (s.qk_norm) {
      const double width = real(s.query_key_width());
      list.elementwise("rms_norm_backward.query_key", s.rows, 2 * width, width);
    }
    append_projection_backward(list, s.qkv_proj());
    append_weight_operands(list, s.qkv_proj());
  } else {
    append_projection_backward(list, s.kv_down());
    append_weight_operands(list, s.kv_down());
    if (s.q_lora > 0) {
      append_projection_backward(list, s.q_down());
      append_weight_operands(list, s.q_down());
    }
    list.elementwise("add_gradient.input", s.rows, 2 * hidden, hidden);
  }
  list.elementwise("rms_norm_backward.input", s.residual_rows, 3 * hidden, hidden);
}

}  // namespace

void append_attention_forward(OperatorList& list, const ModelSpec& spec, const OperatorContext& context) {
  const AttentionWidths s(spec, context);
  const double hidden = real(s.hidden), width = real(s.out_width());
  // Fused residual add: branch and residual in, their sum and its norm out.
  list.elementwise("rms_norm.input", s.residual_rows, 2 * hidden, 2 * hidden);
  append_projections(list, spec, s);
  append_core(list, s, context, mean_kv_tokens(context));
  if (list.keeps_e5m6()) {
    // Kept for the weight gradient of o_proj (DeepSeek-V3 report, 3.3.3).
    list.small("store_e5m6.attention_output", s.rows * width * kBf16Element, s.rows * width * kE5m6Element);
  }
  list.quantise("o_proj", s.rows, width);
  list.forward(s.o_proj());
  list.elementwise("scale.attention_output", s.residual_rows, hidden, hidden);
  list.elementwise("rms_norm.mlp", s.residual_rows, 2 * hidden, 2 * hidden);
}

void append_attention_input_gradient(OperatorList& list, const ModelSpec& spec,
                                     const OperatorContext& context) {
  const AttentionWidths s(spec, context);
  append_output_backward(list, s);
  append_recomputed(list, spec, s, context);
  append_core_backward(list, s, context, mean_kv_tokens(context));
  append_input_backward(list, spec, s, context.recompute);
}

void append_attention_weight_gradient(OperatorList& list, const ModelSpec& spec,
                                      const OperatorContext& context) {
  const AttentionWidths s(spec, context);
  list.weight_gradient(s.o_proj());
  if (!spec.uses_mla()) {
    list.weight_gradient(s.qkv_proj());
    const double width = real(s.qkv_proj().n);
    if (s.qkv_bias) {  // the output gradient summed over the rows
      list.small("bias_gradient.qkv_proj", s.rows * width * kBf16Element,
                 width * bytes_per_element(context.gradient_format));
    }
    return;
  }
  list.weight_gradient(s.kv_up(s.kv_rows));
  list.weight_gradient(s.q_lora > 0 ? s.q_up() : s.q_proj());
  list.weight_gradient(s.kv_down());
  if (s.q_lora > 0) list.weight_gradient(s.q_down());
}

}  // namespace moesim
