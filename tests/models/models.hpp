#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "models/operators.hpp"

namespace moesim::test {

/// A file of the reference data: under $MOESIM_SHARED_DATA, else ../shared/data beside the source tree (tests
/// run in its root). Nothing where the data is absent.
inline std::optional<std::filesystem::path> shared_data(const std::string& relative) {
  const char* folder = std::getenv("MOESIM_SHARED_DATA");
  const auto path = std::filesystem::path(folder != nullptr ? folder : "../shared/data") / relative;
  if (std::filesystem::exists(path)) return path;
  return std::nullopt;
}

/// What DeepSeek-V3's config.json says of its sizes.
inline Json v3_config() {
  return parse_json(R"({
    "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "hidden_act": "silu",
    "num_hidden_layers": 61, "first_k_dense_replace": 3, "moe_layer_freq": 1, "hidden_size": 7168,
    "num_attention_heads": 128, "num_key_value_heads": 128, "q_lora_rank": 1536, "kv_lora_rank": 512,
    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "n_group": 8, "topk_group": 4, "topk_method": "noaux_tc", "scoring_func": "sigmoid",
    "norm_topk_prob": true, "routed_scaling_factor": 2.5, "vocab_size": 129280,
    "num_nextn_predict_layers": 1, "tie_word_embeddings": false, "max_position_embeddings": 163840,
    "rope_theta": 10000})",
                    "config.json");
}

/// One sequence of 4,096 tokens on one GPU of 64 that hold four experts each, balanced.
inline OperatorContext training_context(const ModelSpec& model, NumberFormat format = NumberFormat::fp8) {
  OperatorContext context;
  context.format = format;
  context.expert_tokens = context.tokens * model.top_k;
  context.local_experts = 4;
  return context;
}

/// `sequences` sequences of `query` new tokens behind `past` cached ones.
inline OperatorContext serving_context(const ModelSpec& model, double sequences, std::int64_t query,
                                       std::int64_t past) {
  OperatorContext context;
  context.query_tokens = query;
  context.past_tokens = past;
  context.tokens = sequences * static_cast<double>(query);
  context.expert_tokens = context.tokens * model.top_k;
  context.local_experts = 4;
  return context;
}

/// The kinds of layers that a model has, dense ones first.
inline std::vector<LayerKind> layer_kinds(const ModelSpec& model) {
  std::vector<LayerKind> kinds;
  if (model.num_dense_layers > 0) kinds.push_back(LayerKind::dense);
  if (model.num_moe_layers() > 0) kinds.push_back(LayerKind::moe);
  return kinds;
}

/// The only operator of that name.
inline Operator named(const std::vector<Operator>& operators, std::string_view name) {
  const auto is_it = [&](const Operator& op) { return op.name == name; };
  EXPECT_EQ(std::count_if(operators.begin(), operators.end(), is_it), 1) << name;
  const auto found = std::find_if(operators.begin(), operators.end(), is_it);
  return found == operators.end() ? Operator{} : *found;
}

inline bool has_class(const std::vector<Operator>& operators, std::string_view name) {
  return std::any_of(operators.begin(), operators.end(),
                     [&](const Operator& op) { return operator_class(op.name) == name; });
}

/// "q_up 4096x24576x1536" for every product, "4*" in front of the shape where it is grouped.
inline std::vector<std::string> products(const std::vector<Operator>& operators) {
  std::vector<std::string> rows;
  for (const Operator& op : operators) {
    if (op.kind != OperatorKind::gemm && op.kind != OperatorKind::grouped_gemm) continue;
    const std::string groups = op.groups > 1 ? std::to_string(op.groups) + "*" : "";
    rows.push_back(op.name + " " + groups + std::to_string(op.m) + "x" + std::to_string(op.n) + "x" +
                   std::to_string(op.k));
  }
  return rows;
}

}  // namespace moesim::test
