#include "models/parameters.hpp"

namespace moesim {
namespace {

std::int64_t attention_parameters(const ModelSpec& spec) {
  const std::int64_t heads = spec.num_heads;
  const std::int64_t output = heads * spec.v_head() * spec.hidden;
  if (!spec.uses_mla()) {
    return spec.hidden * spec.head_dim * (heads + 2 * spec.num_kv_heads) + output;
  }
  const MlaDims& mla = spec.mla;
  const std::int64_t q_width = heads * spec.qk_head();
  const std::int64_t query =
      mla.q_lora_rank > 0 ? (spec.hidden + q_width) * mla.q_lora_rank : spec.hidden * q_width;
  const std::int64_t kv_down = spec.hidden * (mla.kv_lora_rank + mla.qk_rope);
  const std::int64_t kv_up = mla.kv_lora_rank * heads * (mla.qk_nope + mla.v_head);
  return query + kv_down + kv_up + output;
}

/// Gate, up and down projection.
std::int64_t ffn_parameters(std::int64_t hidden, std::int64_t intermediate) {
  return 3 * hidden * intermediate;
}

}  // namespace

std::int64_t ParameterCount::total() const {
  return embedding + head + attention + attention_bias + dense_ffn + shared_experts + routed_experts + gate +
         gate_bias + norm;
}

std::int64_t ParameterCount::multiplied() const {
  return head + attention + dense_ffn + shared_experts + routed_activated + gate;
}

std::int64_t ParameterCount::activated() const {
  return multiplied() + attention_bias + gate_bias + norm;
}

ParameterCount& ParameterCount::operator+=(const ParameterCount& other) {
  embedding += other.embedding;
  head += other.head;
  attention += other.attention;
  attention_bias += other.attention_bias;
  dense_ffn += other.dense_ffn;
  shared_experts += other.shared_experts;
  routed_experts += other.routed_experts;
  routed_activated += other.routed_activated;
  gate += other.gate;
  gate_bias += other.gate_bias;
  norm += other.norm;
  mtp += other.mtp;
  return *this;
}

std::int64_t expert_parameters(const ModelSpec& spec) {
  return ffn_parameters(spec.hidden, spec.expert_intermediate);
}

ParameterCount layer_parameters(const ModelSpec& spec, LayerKind kind) {
  ParameterCount count;
  count.attention = attention_parameters(spec);
  count.attention_bias = spec.qkv_bias ? spec.head_dim * (spec.num_heads + 2 * spec.num_kv_heads) : 0;
  count.norm = 2 * spec.hidden + spec.mla.q_lora_rank + spec.mla.kv_lora_rank;
  if (spec.qk_norm) count.norm += 2 * spec.head_dim;  // one weight per element, shared by all heads
  if (kind == LayerKind::dense) {
    count.dense_ffn = ffn_parameters(spec.hidden, spec.dense_intermediate);
    return count;
  }
  count.shared_experts = ffn_parameters(spec.hidden, spec.shared_intermediate());
  count.routed_experts = spec.num_experts * expert_parameters(spec);
  count.routed_activated = spec.top_k * expert_parameters(spec);
  count.gate = spec.hidden * (spec.num_experts + (spec.shared_gate ? 1 : 0));
  count.gate_bias = spec.gate_bias ? spec.num_experts : 0;
  return count;
}

std::int64_t mtp_projection_parameters(const ModelSpec& spec) {
  return 2 * spec.hidden * spec.hidden;
}

ParameterCount mtp_layer_parameters(const ModelSpec& spec) {
  ParameterCount count = layer_parameters(spec, LayerKind::moe);
  count.norm += 3 * spec.hidden;
  count.mtp = count.total() + mtp_projection_parameters(spec);
  return count;
}

ParameterCount parameters(const ModelSpec& spec) {
  ParameterCount count;
  for (int layer = 0; layer < spec.num_layers; ++layer) {
    count += layer_parameters(spec, spec.layer_kind(layer));
  }
  count.embedding = spec.vocabulary * spec.hidden;
  count.head = spec.tied_embeddings ? 0 : spec.vocabulary * spec.hidden;
  count.norm += spec.hidden;
  count.mtp = spec.mtp_depth * mtp_layer_parameters(spec).mtp;
  return count;
}

}  // namespace moesim
