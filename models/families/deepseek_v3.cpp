#include "models/hugging_face_config.hpp"

namespace moesim {

/// DeepSeek-V3 and R1: MLA, a sigmoid gate with a balancing bias, groups chosen by the sum of their two best
/// experts, MTP modules (DeepSeek-V3 report, 2.1 and 2.2).
ModelSpec read_deepseek_v3(const HuggingFaceConfig& config) {
  ModelSpec m = read_deepseek_common(config);
  m.mla = read_mla(config);
  m.num_groups = config.count("n_group", "the groups of experts of node-limited routing");
  m.topk_groups = config.count("topk_group", "the groups a token may reach");
  m.group_score = m.num_groups > 1 ? GroupScore::sum_of_two_best : GroupScore::none;
  config.expect("scoring_func", "sigmoid");
  config.expect("topk_method", "noaux_tc");
  m.scoring = Scoring::sigmoid;
  m.gate_bias = true;
  m.normalise_top_k = config.flag_or("norm_topk_prob", true);
  m.route_scale = config.number_or("routed_scaling_factor", 1);
  m.mtp_depth = config.count_or("num_nextn_predict_layers", 0);
  return m;
}

}  // namespace moesim
