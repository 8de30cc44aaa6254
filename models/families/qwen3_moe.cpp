#include "models/hugging_face_config.hpp"

namespace moesim {

/// Qwen3-30B-A3B and Qwen3-235B-A22B: attention as Qwen3, routed experts alone (Qwen3 technical report, 2).
ModelSpec read_qwen3_moe(const HuggingFaceConfig& config) {
  ModelSpec m = read_qwen3_attention(config);
  config.refuse_key("shared_expert_intermediate_size", "a shared expert", "all experts are routed");
  read_qwen_experts(config, m);
  return m;
}

}  // namespace moesim
