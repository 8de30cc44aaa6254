#include "models/hugging_face_config.hpp"

namespace moesim {

/// Kimi-K2: DeepSeek-V3's layers with more experts, fewer heads, one dense layer and no groups of experts
/// (Kimi K2 technical report, 2.3).
ModelSpec read_kimi_k2(const HuggingFaceConfig& config) {
  return read_deepseek_v3(config);
}

}  // namespace moesim
