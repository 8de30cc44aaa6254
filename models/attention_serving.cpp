#include "models/attention_passes.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

void append_head(OperatorList& list, const AttentionWidths& s) {
  list.elementwise("rms_norm.input", s.residual_rows, 2 * real(s.hidden), 2 * real(s.hidden));
}

void append_tail(OperatorList& list, const AttentionWidths& s) {
  list.quantise("o_proj", s.rows, real(s.out_width()));
  list.forward(s.o_proj());
  list.elementwise("rms_norm.mlp", s.residual_rows, 2 * real(s.hidden), 2 * real(s.hidden));
}

/// Queries and new latents, which go to the cache.
void append_mla_inputs(OperatorList& list, const AttentionWidths& s) {
  list.quantise("qkv_down", s.rows, real(s.hidden));
  if (s.q_lora > 0) {
    list.forward(s.qkv_down());
    list.elementwise("rms_norm.q_latent", s.rows, real(s.q_lora), real(s.q_lora));
  } else {
    list.forward(s.q_proj());
    list.forward(s.kv_down());
  }
  list.elementwise("rms_norm.kv_latent", s.rows, real(s.kv_lora), real(s.kv_lora));
  if (s.q_lora > 0) {
    list.quantise("q_up", s.rows, real(s.q_lora));
    list.forward(s.q_up());
  }
  list.elementwise("rope.query_key", s.rows, real((s.heads + 1) * s.rope), real((s.heads + 1) * s.rope));
  list.elementwise("kv_cache_write", s.rows, real(s.kv_lora + s.rope), real(s.kv_lora + s.rope));
}

/// Keys and values of every head from new and cached latents.
void append_mla_expansion(OperatorList& list, const AttentionWidths& s, double kv_rows) {
  const double heads = real(s.heads);
  list.quantise("kv_up", kv_rows, real(s.kv_lora));
  list.forward(s.kv_up(kv_rows));
  list.elementwise("assemble_key", kv_rows, heads * real(s.nope) + real(s.rope), heads * real(s.qk));
}

void append_grouped_query(OperatorList& list, const AttentionWidths& s, const OperatorContext& context,
                          double kv_mean) {
  const double kv_width = real(s.kv_heads * (s.qk + s.v));
  append_qkv(list, s);
  list.elementwise("kv_cache_write", s.rows, kv_width, kv_width);
  append_core(list, s, context, kv_mean);
}

/// Expanding the cached latents again costs more products than attending in the absorbed form saves.
bool absorbed_is_cheaper(const AttentionWidths& s, const OperatorContext& context) {
  const double expand = context.sequences() * real(context.past_tokens) * real(s.kv_lora * (s.nope + s.v));
  const std::int64_t extra_width = 2 * s.kv_lora + s.rope - s.qk - s.v;
  return expand > s.rows * mean_kv_tokens(context) * real(extra_width);
}

}  // namespace

void append_attention_prefill(OperatorList& list, const ModelSpec& spec, const OperatorContext& context) {
  const AttentionWidths s(spec, context);
  append_head(list, s);
  if (!spec.uses_mla()) {
    append_grouped_query(list, s, context, mean_kv_tokens(context));
  } else {
    append_mla_inputs(list, s);
    if (absorbed_is_cheaper(s, context)) {
      append_absorbed_core(list, s, context, mean_kv_tokens(context));
    } else {
      append_mla_expansion(list, s, s.rows + context.sequences() * real(context.past_tokens));
      append_core(list, s, context, mean_kv_tokens(context));
    }
  }
  append_tail(list, s);
}

void append_attention_decode(OperatorList& list, const ModelSpec& spec, const OperatorContext& context) {
  const AttentionWidths s(spec, context);
  append_head(list, s);
  if (spec.uses_mla()) {
    append_mla_inputs(list, s);
    append_absorbed_core(list, s, context, mean_decode_kv_tokens(context));
  } else {
    append_grouped_query(list, s, context, mean_decode_kv_tokens(context));
  }
  append_tail(list, s);
}

}  // namespace moesim
