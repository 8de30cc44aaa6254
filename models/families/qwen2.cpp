#include "models/hugging_face_config.hpp"

namespace moesim {

void expect_no_sliding_window(const HuggingFaceConfig& config, const ModelSpec& m) {
  if (!config.flag_or("use_sliding_window", false)) return;
  // Layers from max_window_layers on have a window.
  if (config.count_or("max_window_layers", 0) >= m.num_layers) return;
  config.fail("use_sliding_window", "sliding-window attention is not modelled",
              "layers from max_window_layers on have a window; give false");
}

/// Qwen1.5, Qwen2, Qwen2.5 and R1-Distill-Qwen: dense, with biases of the query, key and value projection
/// (Qwen2 technical report, 2.2.1).
ModelSpec read_qwen2(const HuggingFaceConfig& config) {
  ModelSpec m = read_decoder(config);
  read_grouped_query(config, m);
  expect_no_sliding_window(config, m);
  m.qkv_bias = true;
  read_dense_layers(config, m);
  return m;
}

}  // namespace moesim
