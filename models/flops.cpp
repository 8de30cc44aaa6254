#include "models/flops.hpp"

#include "models/parameters.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

}  // namespace

Flops attention_core_flops(const ModelSpec& spec, double kv_tokens) {
  return Flops(2 * real(spec.num_heads * (spec.qk_head() + spec.v_head())) * kv_tokens);
}

Flops absorbed_attention_core_flops(const ModelSpec& spec, double kv_tokens) {
  if (!spec.uses_mla()) return attention_core_flops(spec, kv_tokens);
  const std::int64_t width = 2 * spec.mla.kv_lora_rank + spec.mla.qk_rope;
  return Flops(2 * real(spec.num_heads * width) * kv_tokens);
}

Flops training_flops_per_token(const ModelSpec& spec, std::int64_t sequence_length, bool causal,
                               bool with_mtp) {
  const Flops core = attention_core_flops(spec, real(sequence_length) * (causal ? 0.5 : 1.0));
  const ParameterCount count = parameters(spec);
  const std::int64_t head = spec.vocabulary * spec.hidden;
  const std::int64_t multiplied = count.multiplied() + (spec.tied_embeddings ? head : 0);
  Flops sum = Flops(6 * real(multiplied)) + 3.0 * core * spec.num_layers;
  if (with_mtp) {
    const std::int64_t module =
        layer_parameters(spec, LayerKind::moe).multiplied() + mtp_projection_parameters(spec) + head;
    sum += (Flops(6 * real(module)) + 3.0 * core) * spec.mtp_depth;
  }
  return sum;
}

Flops multi_head_training_flops_per_token(const ModelSpec& spec, std::int64_t sequence_length) {
  if (spec.uses_mla()) return Flops(0);
  ModelSpec multi_head = spec;
  multi_head.num_kv_heads = spec.num_heads;
  return training_flops_per_token(multi_head, sequence_length, false) -
         Flops(6 * real(parameters(spec).gate));
}

Flops prefill_flops_per_token(const ModelSpec& spec, std::int64_t new_tokens, std::int64_t past_tokens) {
  const ParameterCount count = parameters(spec);
  const double kv_tokens = real(past_tokens) + real(new_tokens) / 2;
  return Flops(2 * real(count.multiplied() - count.head)) +
         attention_core_flops(spec, kv_tokens) * spec.num_layers;
}

Flops decode_flops_per_token(const ModelSpec& spec, double kv_tokens) {
  // Absorbing moves the key and value halves of the up-projection to the query and the output: the same
  // products.
  const ParameterCount count = parameters(spec);
  const std::int64_t head = spec.vocabulary * spec.hidden;
  const std::int64_t multiplied = count.multiplied() - count.head + head;
  return Flops(2 * real(multiplied)) + absorbed_attention_core_flops(spec, kv_tokens) * spec.num_layers;
}

Bytes kv_bytes_per_token(const ModelSpec& spec, double bytes_per_element) {
  const std::int64_t elements =
      spec.uses_mla() ? spec.mla.kv_lora_rank + spec.mla.qk_rope : 2 * spec.num_kv_heads * spec.head_dim;
  return Bytes(real(elements * spec.num_layers) * bytes_per_element);
}

}  // namespace moesim
