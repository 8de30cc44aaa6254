#include "sim/exchange/megatron_sizes.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {
namespace {

[[noreturn]] void refuse(const Arguments& arguments, const std::string& name, const std::string& what,
                         const std::string& hint) {
  throw SpecError(arguments.file(), "--" + name, what, hint);
}

int required(Arguments& arguments, const std::string& name) {
  const auto value = arguments.number(name);
  if (!value) refuse(arguments, name, "is missing", "give it, or name the model with --model");
  return static_cast<int>(*value);
}

int number(Arguments& arguments, const std::string& name, long otherwise) {
  return static_cast<int>(arguments.number(name, 0).value_or(otherwise));
}

/// "[0,1]*3" as its flags, behind the others; false where it is something else.
bool add_term(const std::string& term, std::vector<int>& layers) {
  const std::size_t close = term.find(']');
  if (!term.starts_with('[') || close == std::string::npos) return false;
  int times = 1;
  if (close + 1 < term.size()) {
    const char* end = term.data() + term.size();
    if (term[close + 1] != '*' || close + 2 == term.size()) return false;
    const auto [stop, error] = std::from_chars(term.data() + close + 2, end, times);
    if (error != std::errc() || stop != end || times < 0 || times > 512) return false;
  }
  std::vector<int> once;
  for (const char c : term.substr(1, close - 1)) {
    if (c == '0' || c == '1') once.push_back(c - '0');
    if (c != '0' && c != '1' && c != ',') return false;
  }
  for (int i = 0; i < times; ++i) layers.insert(layers.end(), once.begin(), once.end());
  return true;
}

std::vector<int> layers_of(const Arguments& arguments, const std::string& pattern) {
  std::string text;
  for (const char c : pattern) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '(' && c != ')') text += c;
  }
  std::vector<int> layers;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    if (!add_term(text.substr(at, end - at), layers))
      refuse(arguments, "moe-layer-freq", fmt::format("'{}' is not understood", pattern), "[0]*3+[1]*58");
    at = end + 1;
  }
  return layers;
}

void add_attention(Arguments& arguments, ModelSpec& model) {
  model.qk_norm = arguments.has("qk-layernorm");
  model.qkv_bias = arguments.has("add-qkv-bias");
  const bool grouped = arguments.has("group-query-attention");
  if (arguments.has("multi-latent-attention")) {
    model.mla.q_lora_rank = number(arguments, "q-lora-rank", 0);
    model.mla.kv_lora_rank = required(arguments, "kv-lora-rank");
    model.mla.qk_nope = number(arguments, "qk-head-dim", 128);
    model.mla.qk_rope = number(arguments, "qk-pos-emb-head-dim", 64);
    model.mla.v_head = number(arguments, "v-head-dim", 128);
    model.qk_norm = false;  // of the latents, which MLA has anyway
    arguments.has("kv-channels");
    arguments.has("num-query-groups");
    return;
  }
  const auto groups = arguments.number("num-query-groups");
  model.num_kv_heads = grouped ? static_cast<int>(groups.value_or(1)) : model.num_heads;
  model.head_dim = number(arguments, "kv-channels", model.hidden / model.num_heads);
}

void add_gate(Arguments& arguments, ModelSpec& model) {
  const bool sigmoid = arguments.text("moe-router-score-function").value_or("softmax") == "sigmoid";
  model.scoring = sigmoid ? Scoring::sigmoid : Scoring::softmax;
  model.normalise_top_k = sigmoid || !arguments.has("moe-router-pre-softmax");
  model.gate_bias = arguments.has("moe-router-enable-expert-bias");
  model.num_groups = number(arguments, "moe-router-num-groups", 1);
  model.topk_groups = number(arguments, "moe-router-group-topk", model.num_groups);
  if (model.num_groups > 1) model.group_score = sigmoid ? GroupScore::sum_of_two_best : GroupScore::best;
  const std::string scale = arguments.text("moe-router-topk-scaling-factor").value_or("1");
  std::from_chars(scale.data(), scale.data() + scale.size(), model.route_scale);
}

void add_experts(Arguments& arguments, long dense_width, ModelSpec& model) {
  model.top_k = number(arguments, "moe-router-topk", 2);
  model.expert_intermediate = number(arguments, "moe-ffn-hidden-size", dense_width);
  const std::string pattern = arguments.text("moe-layer-freq").value_or("1");
  model.num_dense_layers = megatron_dense_layers(arguments, pattern, model.num_layers);
  if (model.num_dense_layers == 0) model.dense_intermediate = 0;
  const long shared = number(arguments, "moe-shared-expert-intermediate-size", 0);
  if (model.expert_intermediate == 0 || shared % model.expert_intermediate != 0)
    refuse(arguments, "moe-shared-expert-intermediate-size",
           fmt::format("{} is no multiple of an expert's {}", shared, model.expert_intermediate), "");
  model.num_shared_experts = static_cast<int>(shared / model.expert_intermediate);
  model.shared_gate = arguments.has("moe-shared-expert-gate") && shared > 0;
  model.mtp_depth = number(arguments, "mtp-num-layers", 0);
  add_gate(arguments, model);
}

/// Whose rules the compact form names; sizes decide everything that is computed.
std::string family_of(const ModelSpec& model) {
  if (model.uses_mla()) return model.scoring == Scoring::sigmoid ? "deepseek_v3" : "deepseek_v2";
  if (model.num_experts == 0) return model.qk_norm ? "qwen3" : "llama";
  if (model.num_shared_experts > 0) return "qwen2_moe";
  return model.qk_norm ? "qwen3_moe" : "mixtral";
}

}  // namespace

int megatron_dense_layers(const Arguments& arguments, const std::string& pattern, int num_layers) {
  if (pattern == "1") return 0;
  const bool is_number =
      !pattern.empty() && std::ranges::all_of(pattern, [](char c) { return c >= '0' && c <= '9'; });
  if (is_number)
    refuse(arguments, "moe-layer-freq", fmt::format("one MoE layer in {} is not modelled", pattern),
           "1, or dense layers first, as [0]*3+[1]*58");
  const std::vector<int> layers = layers_of(arguments, pattern);
  if (static_cast<int>(layers.size()) != num_layers)
    refuse(arguments, "moe-layer-freq",
           fmt::format("has {} layers, --num-layers {}", layers.size(), num_layers), "");
  if (!std::ranges::is_sorted(layers))
    refuse(arguments, "moe-layer-freq", "has a dense layer behind an MoE layer, which is not modelled",
           "dense layers first");
  return static_cast<int>(std::ranges::count(layers, 0));
}

ModelSpec megatron_sizes(Arguments& arguments) {
  ModelSpec model;
  const std::string stem = std::filesystem::path(arguments.file()).stem().string();
  model.name = stem.empty() || stem == "-" ? "model" : stem;
  model.num_layers = required(arguments, "num-layers");
  model.hidden = required(arguments, "hidden-size");
  model.num_heads = required(arguments, "num-attention-heads");
  const bool gated = arguments.has("swiglu");
  if (!gated)
    refuse(arguments, "swiglu", "is missing", "feed-forward parts other than SwiGLU are not modelled");
  const long hidden = static_cast<long>(model.hidden);
  const long width = number(arguments, "ffn-hidden-size", hidden * 8 / 3 / 64 * 64);
  model.dense_intermediate = width;
  model.num_experts = number(arguments, "num-experts", 0);
  model.num_dense_layers = model.num_layers;
  add_attention(arguments, model);
  if (model.num_experts > 0) add_experts(arguments, width, model);
  model.vocabulary = number(arguments, "vocab-size", 0);
  model.tied_embeddings = !arguments.has("untie-embeddings-and-output-weights");
  model.max_positions = number(arguments, "max-position-embeddings", number(arguments, "seq-length", 0));
  model.family = family_of(model);
  return model;
}

}  // namespace moesim
