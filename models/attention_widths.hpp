#pragma once

#include <algorithm>
#include <cstdint>

#include "models/operator_list.hpp"

namespace moesim {

/// Widths and rows of the attention part on one GPU of a tp group.
struct AttentionWidths {
  double rows = 0;           ///< tokens of the group
  double kv_rows = 0;        ///< tokens whose latents are projected up
  double residual_rows = 0;  ///< this GPU's part of them between the parts that tp splits
  std::int64_t hidden = 0;
  std::int64_t heads = 0;  ///< of this GPU
  std::int64_t kv_heads = 0;
  std::int64_t qk = 0, v = 0;
  std::int64_t nope = 0, rope = 0, q_lora = 0, kv_lora = 0;  ///< 0 without MLA, but for rope
  bool qkv_bias = false, qk_norm = false;

  AttentionWidths(const ModelSpec& spec, const OperatorContext& context)
      : rows(context.tokens),
        kv_rows(context.tokens * context.latent_parts),
        residual_rows(context.residual_tokens()),
        hidden(spec.hidden),
        heads(spec.num_heads / context.tp),
        kv_heads(spec.uses_mla() ? heads : std::max(1, spec.num_kv_heads / context.tp)),
        qk(spec.qk_head()),
        v(spec.v_head()),
        nope(spec.mla.qk_nope),
        rope(spec.uses_mla() ? spec.mla.qk_rope : spec.head_dim),
        q_lora(spec.mla.q_lora_rank),
        kv_lora(spec.mla.kv_lora_rank),
        qkv_bias(spec.qkv_bias),
        qk_norm(spec.qk_norm) {}

  [[nodiscard]] std::int64_t q_width() const { return heads * qk; }
  [[nodiscard]] std::int64_t out_width() const { return heads * v; }
  /// Queries and keys of all heads, without MLA.
  [[nodiscard]] std::int64_t query_key_width() const { return (heads + kv_heads) * qk; }
  [[nodiscard]] std::int64_t kv_up_width() const { return heads * (nope + v); }

  // Projections that all ranks of a tp group repeat: the latents are shared by all heads.
  [[nodiscard]] Linear q_down() const { return {"q_down", rows, q_lora, hidden, 1}; }
  [[nodiscard]] Linear kv_down() const { return {"kv_down", rows, kv_lora + rope, hidden, 1}; }
  [[nodiscard]] Linear qkv_down() const { return {"qkv_down", rows, q_lora + kv_lora + rope, hidden, 1}; }
  // Projections split by heads.
  [[nodiscard]] Linear q_up() const { return {"q_up", rows, q_width(), q_lora, 1}; }
  [[nodiscard]] Linear q_proj() const { return {"q_proj", rows, q_width(), hidden, 1}; }
  [[nodiscard]] Linear kv_up(double kv_rows) const { return {"kv_up", kv_rows, kv_up_width(), kv_lora, 1}; }
  [[nodiscard]] Linear qkv_proj() const {
    return {"qkv_proj", rows, q_width() + kv_heads * (qk + v), hidden, 1};
  }
  [[nodiscard]] Linear o_proj() const { return {"o_proj", rows, hidden, out_width(), 1}; }
};

/// The projection of grouped-query attention (its bias is added within the product), the norms of queries and
/// keys where the model has them, and their rotation.
void append_qkv(OperatorList& list, const AttentionWidths& shape);
/// The norms alone; nothing where the model has none.
void append_query_key_norm(OperatorList& list, const AttentionWidths& shape);

// `kv_mean`: keys a query sees on average.
/// Attention over keys and values of every head.
void append_core(OperatorList& list, const AttentionWidths& shape, const OperatorContext& context,
                 double kv_mean);
/// The gradients of queries, keys and values, with the kernels before and behind.
void append_core_backward(OperatorList& list, const AttentionWidths& shape, const OperatorContext& context,
                          double kv_mean);
/// Attention on cached latents with the batched products that move the key and value halves of kv_up to the
/// query and the output.
void append_absorbed_core(OperatorList& list, const AttentionWidths& shape, const OperatorContext& context,
                          double kv_mean);
/// past + half of the new tokens under a causal mask (the convention of published FLOP counts), all without.
double mean_kv_tokens(const OperatorContext& context);
/// The same exactly, for few new tokens: each sees the cached ones, itself and half of the others.
double mean_decode_kv_tokens(const OperatorContext& context);

}  // namespace moesim
