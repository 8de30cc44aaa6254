#include <array>
#include <string>

#include "models/hugging_face_config.hpp"

namespace moesim {
namespace {

/// Keys that only families with experts give.
constexpr std::array<std::string_view, 4> kExpertKeys{"num_experts", "num_local_experts", "n_routed_experts",
                                                      "moe_intermediate_size"};

}  // namespace

ModelSpec read_decoder(const HuggingFaceConfig& config) {
  ModelSpec m;
  m.family = config.family();
  config.expect("hidden_act", "silu");
  config.refuse_flag("attention_bias", "biases of all attention projections are not modelled");
  config.refuse_flag("mlp_bias", "biases of feed-forward parts are not modelled");
  m.num_layers = config.count("num_hidden_layers", "the layers without MTP modules");
  m.hidden = config.width("hidden_size", "the width of the residual stream");
  m.num_heads = config.count("num_attention_heads", "the attention heads");
  m.vocabulary = config.width("vocab_size", "the rows of the embedding table");
  m.tied_embeddings = config.flag_or("tie_word_embeddings", false);
  m.max_positions = config.width_or("max_position_embeddings", 0);
  return m;
}

void read_grouped_query(const HuggingFaceConfig& config, ModelSpec& m, int default_kv_heads) {
  config.refuse_key("kv_lora_rank", "multi-head latent attention", "attention is grouped-query attention");
  m.num_kv_heads = default_kv_heads > 0 && !config.has("num_key_value_heads")
                       ? default_kv_heads
                       : config.count("num_key_value_heads", "the heads of keys and values");
  if (config.has("head_dim")) {
    m.head_dim = config.width("head_dim", "the width of a head");
    return;
  }
  if (m.hidden % m.num_heads != 0) {
    config.fail("num_attention_heads", "does not divide hidden_size",
                "a head is hidden_size / num_attention_heads wide, or head_dim where that is given");
  }
  m.head_dim = m.hidden / m.num_heads;
}

void read_dense_layers(const HuggingFaceConfig& config, ModelSpec& m) {
  for (const std::string_view key : kExpertKeys) {
    config.refuse_key(std::string(key), "experts", "every layer is dense");
  }
  m.num_dense_layers = m.num_layers;
  m.dense_intermediate = config.width("intermediate_size", "the width of a layer's FFN");
}

}  // namespace moesim
