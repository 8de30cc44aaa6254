#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/hugging_face.hpp"
#include "models/hugging_face_config.hpp"

namespace moesim {
namespace {

struct Family {
  std::string_view model_type;
  std::string_view architecture;
  ModelSpec (*read)(const HuggingFaceConfig&);
};

constexpr std::array kFamilies{
    Family{"deepseek_v3", "DeepseekV3ForCausalLM", read_deepseek_v3},
    Family{"deepseek_v2", "DeepseekV2ForCausalLM", read_deepseek_v2},
    Family{"deepseek", "DeepseekForCausalLM", read_deepseek},
    Family{"kimi_k2", "DeepseekV3ForCausalLM", read_kimi_k2},
    Family{"llama", "LlamaForCausalLM", read_llama},
    Family{"mixtral", "MixtralForCausalLM", read_mixtral},
    Family{"qwen2", "Qwen2ForCausalLM", read_qwen2},
    Family{"qwen2_moe", "Qwen2MoeForCausalLM", read_qwen2_moe},
    Family{"qwen3", "Qwen3ForCausalLM", read_qwen3},
    Family{"qwen3_moe", "Qwen3MoeForCausalLM", read_qwen3_moe},
};

/// Keys of the compact form by the names that configurations give them; of several, the one that is there.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kFieldNames{{
    {"/num_layers", "/num_hidden_layers"},
    {"/num_dense_layers", "/first_k_dense_replace"},
    {"/num_kv_heads", "/num_key_value_heads"},
    {"/num_experts", "/n_routed_experts"},
    {"/num_experts", "/num_local_experts"},
    {"/num_experts", "/num_experts"},
    {"/top_k", "/num_experts_per_tok"},
    {"/num_groups", "/n_group"},
    {"/topk_groups", "/topk_group"},
    {"/mtp_depth", "/num_nextn_predict_layers"},
}};

std::string text_at(const Json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string first_architecture(const Json& config) {
  const auto found = config.find("architectures");
  if (found == config.end() || !found->is_array() || found->empty() || !found->front().is_string()) return "";
  return found->front().get<std::string>();
}

std::string supported_text() {
  std::vector<std::string> rows;
  for (const Family& family : kFamilies) {
    rows.push_back(fmt::format("{} ({})", family.model_type, family.architecture));
  }
  return fmt::format("supported: {}", fmt::join(rows, ", "));
}

void require_architecture(const Family& family, const std::string& architecture, const std::string& file) {
  if (architecture.empty() || architecture == family.architecture) return;
  throw SpecError(file, "/architectures/0",
                  fmt::format("{} contradicts model_type {}", architecture, family.model_type),
                  fmt::format("{} models are {}", family.model_type, family.architecture));
}

const Family& family_of(const Json& config, const std::string& file) {
  const std::string type = text_at(config, "model_type");
  const std::string architecture = first_architecture(config);
  if (config.contains("index_topk") || type == "deepseek_v32") {
    throw SpecError(file, config.contains("index_topk") ? "/index_topk" : "/model_type",
                    "sparse attention (an indexer that picks the keys, as in DeepSeek-V3.2) is not modelled",
                    supported_text());
  }
  for (const Family& family : kFamilies) {
    if (type.empty() ? architecture == family.architecture : type == family.model_type) {
      require_architecture(family, architecture, file);
      return family;
    }
  }
  if (type.empty() && architecture.empty()) {
    throw SpecError(file, "/model_type", "missing, and architectures names no class", supported_text());
  }
  if (type.empty()) {
    throw SpecError(file, "/architectures/0", fmt::format("unsupported architecture {}", architecture),
                    supported_text());
  }
  const auto names = family_names();
  const std::string near = nearest(type, names);
  throw SpecError(file, "/model_type",
                  architecture.empty() ? fmt::format("unsupported model type {}", type)
                                       : fmt::format("unsupported model type {} ({})", type, architecture),
                  near.empty() ? supported_text() : fmt::format("did you mean {}?", near));
}

/// "a/DeepSeek-V3.config.json" and "a/DeepSeek-V3/config.json" are "deepseek-v3".
std::string name_from(const std::string& file) {
  const std::filesystem::path path(file);
  std::string name = path.stem().string();
  if (name == "config") name = path.parent_path().filename().string();
  if (name.ends_with(".config")) name.resize(name.size() - std::string_view(".config").size());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name.empty() ? "model" : name;
}

std::string hugging_face_pointer(const std::string& pointer, const Json& config) {
  for (const auto& [compact, field] : kFieldNames) {
    if (pointer == compact && config.contains(field.substr(1))) return std::string(field);
  }
  return "";
}

}  // namespace

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.emplace_back(family.model_type);
  return names;
}

HuggingFaceModel import_hugging_face_config(const Json& config, const std::string& file) {
  if (!config.is_object()) {
    throw SpecError(file, "", "not an object", "give a config.json as Hugging Face models have it");
  }
  const Family& family = family_of(config, file);
  const HuggingFaceConfig fields(config, file, family.model_type);
  ModelSpec spec = family.read(fields);
  spec.name = name_from(file);
  if (const auto issue = find_issue(spec)) {
    throw SpecError(file, hugging_face_pointer(issue->pointer, config), issue->what, issue->hint);
  }
  HuggingFaceModel model{std::move(spec), {}, {}};
  for (const auto& [key, value] : config.items()) {
    if (key == "model_type" || key == "architectures" || fields.keys_asked_for().contains(key)) continue;
    const std::string_view reason = reason_to_ignore(key);
    if (reason.empty()) {
      model.unknown.push_back(key);
    } else {
      model.ignored.push_back({key, reason});
    }
  }
  return model;
}

ModelSpec read_hugging_face_config(const Json& config, const std::string& file) {
  return import_hugging_face_config(config, file).spec;
}

}  // namespace moesim
