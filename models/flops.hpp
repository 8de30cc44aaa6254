#pragma once

#include <cstdint>

#include "base/quantity.hpp"
#include "models/model_spec.hpp"

namespace moesim {

/// Operations of the attention core of one layer, forward, for one query over `kv_tokens` keys:
/// 2 x heads x (qk_head + v_head) x kv_tokens, scores and values. With a causal mask pass the mean number of
/// keys.
Flops attention_core_flops(const ModelSpec& spec, double kv_tokens);

/// The same on cached latents (absorbed): 2 x heads x (2 kv_lora_rank + qk_rope) x kv_tokens, 2 x heads x
/// 1088 for DeepSeek-V3. Equals attention_core_flops without MLA.
Flops absorbed_attention_core_flops(const ModelSpec& spec, double kv_tokens);

/// Operations of one training token, forward and backward, as the published tables count them: 6 x multiplied
/// parameters + 3 x attention core, causal (sequence_length / 2 keys a query) or not. Recomputed operations
/// and elementwise work do not count. DeepSeek-V3 at 4096: 249.7 G causal, 280.2 G not, about 260.5 G with
/// MTP.
Flops training_flops_per_token(const ModelSpec& spec, std::int64_t sequence_length, bool causal = true,
                               bool with_mtp = false);

/// The same as the DeepSeekMoE paper counts them (arXiv 2401.06066, FLOPs per 4 K tokens in its tables): not
/// causal, keys and values projected as wide as queries whatever the number of KV heads, no gates. Its tables
/// also take a standard feed-forward part as exactly 8/3 hidden wide; here it is as wide as the model says,
/// which makes up to 1.9 % (16B). Only models with grouped-query attention; 0 with MLA.
Flops multi_head_training_flops_per_token(const ModelSpec& spec, std::int64_t sequence_length);

/// Operations of one prompt token, mean over `new_tokens` tokens behind `past_tokens` cached ones, keys and
/// values expanded; without the head, which only the last token of a prompt needs.
Flops prefill_flops_per_token(const ModelSpec& spec, std::int64_t new_tokens, std::int64_t past_tokens = 0);

/// Operations of one generated token over `kv_tokens` cached ones, in the absorbed form for MLA, with the
/// head.
Flops decode_flops_per_token(const ModelSpec& spec, double kv_tokens);

/// Cache of one token over all layers: (kv_lora_rank + qk_rope) elements a layer for MLA, else keys and
/// values of all KV heads. DeepSeek-V3 in BF16: 70,272 B.
Bytes kv_bytes_per_token(const ModelSpec& spec, double bytes_per_element = 2);

}  // namespace moesim
