#include "models/hugging_face_config.hpp"

namespace moesim {

ModelSpec read_deepseek_common(const HuggingFaceConfig& config) {
  ModelSpec m = read_decoder(config);
  if (config.count_or("moe_layer_freq", 1) != 1) {
    config.fail("moe_layer_freq", "MoE layers alternating with dense ones are not modelled", "give 1");
  }
  m.num_dense_layers = config.count_or("first_k_dense_replace", 0);
  m.dense_intermediate = config.width("intermediate_size", "the width of a dense layer's FFN");
  m.expert_intermediate = config.width("moe_intermediate_size", "the width of one expert");
  m.num_experts = config.count("n_routed_experts", "the routed experts of an MoE layer");
  m.num_shared_experts = config.count_or("n_shared_experts", 0);
  m.top_k = config.count("num_experts_per_tok", "the routed experts a token passes");
  m.normalise_top_k = config.flag_or("norm_topk_prob", false);
  return m;
}

/// DeepSeekMoE 16B: grouped-query attention and a softmax gate without groups.
ModelSpec read_deepseek(const HuggingFaceConfig& config) {
  ModelSpec m = read_deepseek_common(config);
  config.expect("scoring_func", "softmax");
  read_grouped_query(config, m, m.num_heads);
  return m;
}

}  // namespace moesim
