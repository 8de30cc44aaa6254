#include <fmt/format.h>

#include <algorithm>

#include "models/hugging_face_config.hpp"

namespace moesim {
namespace {

constexpr const char* kLayerRule =
    "layer n, counted from 0, has experts where it is not in mlp_only_layers and decoder_sparse_step divides "
    "n + 1; moesim models dense layers before all MoE layers";

/// The dense layers, all of them before the MoE layers.
int read_num_dense_layers(const HuggingFaceConfig& config, const ModelSpec& m) {
  if (config.count_or("decoder_sparse_step", 1) != 1) {
    config.fail("decoder_sparse_step", "MoE layers alternating with dense ones are not modelled", kLayerRule);
  }
  std::vector<std::int64_t> layers = config.list_or_empty("mlp_only_layers");
  std::sort(layers.begin(), layers.end());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] >= m.num_layers) {
      config.fail("mlp_only_layers", fmt::format("there is no layer {}", layers[i]),
                  fmt::format("give layers from 0 to {}", m.num_layers - 1));
    }
    if (layers[i] != static_cast<std::int64_t>(i)) {
      config.fail("mlp_only_layers", "dense layers among MoE layers are not modelled", kLayerRule);
    }
  }
  return static_cast<int>(layers.size());
}

}  // namespace

void read_qwen_experts(const HuggingFaceConfig& config, ModelSpec& m) {
  m.num_dense_layers = read_num_dense_layers(config, m);
  if (m.num_dense_layers > 0) {
    m.dense_intermediate = config.width("intermediate_size", "the width of a dense layer's FFN");
  }
  m.expert_intermediate = config.width("moe_intermediate_size", "the width of one expert");
  m.num_experts = config.count("num_experts", "the routed experts of an MoE layer");
  m.top_k = config.count("num_experts_per_tok", "the routed experts that a token passes");
  m.normalise_top_k = config.flag_or("norm_topk_prob", false);
}

/// Qwen1.5-MoE and Qwen2-57B-A14B: biases as Qwen2, and one shared expert whose output a gate scales (Qwen2
/// technical report, 2.2.2). Its width is a multiple of a routed expert's.
ModelSpec read_qwen2_moe(const HuggingFaceConfig& config) {
  ModelSpec m = read_decoder(config);
  read_grouped_query(config, m);
  expect_no_sliding_window(config, m);
  m.qkv_bias = config.flag_or("qkv_bias", true);
  read_qwen_experts(config, m);
  const std::int64_t shared =
      config.width("shared_expert_intermediate_size", "the width of the expert that every token passes");
  if (shared % m.expert_intermediate != 0) {
    config.fail("shared_expert_intermediate_size",
                fmt::format("{} is no multiple of the {} of a routed expert", shared, m.expert_intermediate),
                "a shared expert is as wide as a whole number of routed ones (moe_intermediate_size)");
  }
  m.num_shared_experts = static_cast<int>(shared / m.expert_intermediate);
  m.shared_gate = true;
  return m;
}

}  // namespace moesim
