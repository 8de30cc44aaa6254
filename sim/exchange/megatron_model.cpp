#include "sim/exchange/megatron_model.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/exchange/megatron_sizes.hpp"

namespace moesim {
namespace {

[[noreturn]] void contradicts(const Arguments& arguments, const std::string& name, const std::string& what,
                              const ModelSpec& model, const std::string& known) {
  throw SpecError(arguments.file(), "--" + name, fmt::format("is {}, but {} has {}", what, model.name, known),
                  "give another --model, or none");
}

/// Numbers that are the model's where they are given.
void check_numbers(Arguments& arguments, const ModelSpec& model) {
  const long heads = model.uses_mla() ? model.num_heads : model.num_kv_heads;
  const long dense = model.num_dense_layers > 0 ? model.dense_intermediate : model.expert_intermediate;
  const std::array<std::pair<const char*, long>, 18> fields{{
      {"num-layers", model.num_layers},
      {"hidden-size", model.hidden},
      {"ffn-hidden-size", dense},
      {"num-attention-heads", model.num_heads},
      {"num-query-groups", heads},
      {"num-experts", model.num_experts},
      {"moe-router-topk", model.top_k},
      {"moe-ffn-hidden-size", model.expert_intermediate},
      {"moe-shared-expert-intermediate-size", model.shared_intermediate()},
      {"moe-router-num-groups", model.num_groups},
      {"moe-router-group-topk", model.topk_groups},
      {"q-lora-rank", model.mla.q_lora_rank},
      {"kv-lora-rank", model.mla.kv_lora_rank},
      {"qk-head-dim", model.mla.qk_nope},
      {"qk-pos-emb-head-dim", model.mla.qk_rope},
      {"v-head-dim", model.mla.v_head},
      {"kv-channels", model.uses_mla() ? model.mla.v_head : model.head_dim},
      {"mtp-num-layers", model.mtp_depth},
  }};
  for (const auto& [name, value] : fields) {
    const auto given = arguments.number(name, 0);
    if (given && *given != value)
      contradicts(arguments, name, fmt::format("{}", *given), model, fmt::format("{}", value));
  }
}

/// Vocabularies are equal where they are so after padding.
void check_vocabulary(Arguments& arguments, const ModelSpec& model) {
  const long divisor = arguments.number("make-vocab-size-divisible-by").value_or(128);
  const auto given = arguments.number("vocab-size");
  const auto padded = [&](long rows) { return (rows + divisor - 1) / divisor * divisor; };
  if (given && padded(*given) != padded(model.vocabulary))
    contradicts(arguments, "vocab-size", fmt::format("{}", *given), model,
                fmt::format("{}", model.vocabulary));
}

/// What is there or not.
void check_switches(Arguments& arguments, const ModelSpec& model) {
  const std::array<std::pair<const char*, bool>, 4> switches{{
      {"multi-latent-attention", model.uses_mla()},
      {"add-qkv-bias", model.qkv_bias},
      {"moe-shared-expert-gate", model.shared_gate},
      {"untie-embeddings-and-output-weights", !model.tied_embeddings},
  }};
  for (const auto& [name, has] : switches) {
    if (arguments.has(name) && !has) contradicts(arguments, name, "given", model, "none of it");
  }
  if (arguments.has("qk-layernorm") && !model.uses_mla() && !model.qk_norm)
    contradicts(arguments, "qk-layernorm", "given", model, "none of it");
  const bool grouped = arguments.has("group-query-attention");
  if (grouped && model.uses_mla()) contradicts(arguments, "group-query-attention", "given", model, "MLA");
  if (const auto pattern = arguments.text("moe-layer-freq")) {
    const int dense = megatron_dense_layers(arguments, *pattern, model.num_layers);
    if (dense != model.num_dense_layers)
      contradicts(arguments, "moe-layer-freq", fmt::format("{} dense layers", dense), model,
                  fmt::format("{}", model.num_dense_layers));
  }
}

/// What changes neither time nor memory, or is what every model here has.
void take_rest(Arguments& arguments) {
  for (const char* name :
       {"swiglu", "max-position-embeddings", "moe-router-score-function", "moe-router-pre-softmax",
        "moe-router-enable-expert-bias", "moe-router-topk-scaling-factor"})
    arguments.has(name);
}

}  // namespace

NamedModel megatron_model(Arguments& arguments, const ImportChoices& choices, Json& notes) {
  if (choices.model.empty()) {
    const ModelSpec described = megatron_sizes(arguments);
    arguments.has("make-vocab-size-divisible-by");
    NamedModel model = name_model(described, choices, arguments.file());
    if (!arguments.has("disable-bias-linear"))
      add_note(notes, "disable-bias-linear", "is absent, but biases of linears are not modelled");
    return model;
  }
  const ModelSpec model = load_model(choices.model);
  const bool has_sizes = arguments.has("num-layers");
  check_numbers(arguments, model);
  check_vocabulary(arguments, model);
  check_switches(arguments, model);
  take_rest(arguments);
  if (has_sizes && model.mtp_depth > 0 && !arguments.has("mtp-num-layers"))
    add_note(
        notes, "mtp-num-layers",
        fmt::format("is absent, but {} has {} multi-token-prediction modules", model.name, model.mtp_depth));
  return {choices.model, model, false};
}

}  // namespace moesim
