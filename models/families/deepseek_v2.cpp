#include "models/hugging_face_config.hpp"

namespace moesim {

MlaDims read_mla(const HuggingFaceConfig& config) {
  MlaDims mla;
  mla.q_lora_rank = config.width_or("q_lora_rank", 0);
  mla.kv_lora_rank = config.width("kv_lora_rank", "the latent of keys and values that MLA caches");
  mla.qk_nope = config.width("qk_nope_head_dim", "the part of a head's query and key without position");
  mla.qk_rope = config.width("qk_rope_head_dim", "the part of a head's query and key with position");
  mla.v_head = config.width("v_head_dim", "the width of a head's value");
  return mla;
}

/// DeepSeek-V2 and V2-Lite: MLA, a softmax gate, groups chosen by their best expert (DeepSeek-V2
/// paper, 2.2.2).
ModelSpec read_deepseek_v2(const HuggingFaceConfig& config) {
  ModelSpec m = read_deepseek_common(config);
  m.mla = read_mla(config);
  config.expect("scoring_func", "softmax");
  const std::string method = config.text_or("topk_method", "greedy");
  if (method == "group_limited_greedy") {
    m.num_groups = config.count("n_group", "the groups of group_limited_greedy");
    m.topk_groups = config.count("topk_group", "the groups a token may reach");
    m.group_score = GroupScore::best;
  } else if (method != "greedy") {
    config.fail("topk_method", "\"" + method + "\" is not one of this family",
                "give \"greedy\" or \"group_limited_greedy\"");
  }
  m.route_scale = config.number_or("routed_scaling_factor", 1);
  return m;
}

}  // namespace moesim
