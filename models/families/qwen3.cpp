#include "models/hugging_face_config.hpp"

namespace moesim {

ModelSpec read_qwen3_attention(const HuggingFaceConfig& config) {
  ModelSpec m = read_decoder(config);
  read_grouped_query(config, m);
  // Required: hidden_size / num_attention_heads may be another width.
  m.head_dim = config.width("head_dim", "the width of a head, whatever hidden_size / num_attention_heads is");
  expect_no_sliding_window(config, m);
  m.qk_norm = true;
  return m;
}

/// Dense Qwen3: no biases, but norms over the query and key of each head (Qwen3 technical report, 2).
ModelSpec read_qwen3(const HuggingFaceConfig& config) {
  ModelSpec m = read_qwen3_attention(config);
  read_dense_layers(config, m);
  return m;
}

}  // namespace moesim
