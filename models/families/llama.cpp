#include "models/hugging_face_config.hpp"

namespace moesim {

/// Llama 2 and 3, and models of that architecture: DeepSeek 7B and 67B, R1-Distill-Llama. Dense,
/// grouped-query attention; without num_key_value_heads every head has its own keys and values (Llama 3
/// paper, table 3).
ModelSpec read_llama(const HuggingFaceConfig& config) {
  ModelSpec m = read_decoder(config);
  read_grouped_query(config, m, m.num_heads);
  read_dense_layers(config, m);
  return m;
}

}  // namespace moesim
