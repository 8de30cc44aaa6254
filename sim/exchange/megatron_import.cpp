#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/arguments.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/megatron_flags.hpp"

namespace moesim {
namespace {

void note(Json& notes, const std::string& name, const std::string& what) {
  notes.push_back({{"name", name}, {"what", what}});
}

[[noreturn]] void refuse(const Arguments& arguments, const std::string& name, const std::string& what,
                         const std::string& hint) {
  throw SpecError(arguments.file(), "--" + name, what, hint);
}

long required(Arguments& arguments, const std::string& name) {
  const auto value = arguments.number(name);
  if (!value) refuse(arguments, name, "is missing", "a scenario needs it");
  return *value;
}

void check_model(Arguments& arguments, const ModelSpec& model) {
  const std::array<std::pair<const char*, long>, 9> fields{{
      {"num-layers", model.num_layers},
      {"hidden-size", model.hidden},
      {"num-attention-heads", model.num_heads},
      {"num-experts", model.num_experts},
      {"moe-router-topk", model.top_k},
      {"moe-ffn-hidden-size", model.expert_intermediate},
      {"moe-shared-expert-intermediate-size", model.shared_intermediate()},
      {"q-lora-rank", model.mla.q_lora_rank},
      {"kv-lora-rank", model.mla.kv_lora_rank},
  }};
  for (const auto& [name, value] : fields) {
    const auto given = arguments.number(name);
    if (given && *given != value)
      refuse(arguments, name, fmt::format("is {}, but {} has {}", *given, model.name, value),
             "give another --model");
  }
}

long virtual_stages(Arguments& arguments, long pp, const ModelSpec& model) {
  if (const auto stages = arguments.number("num-virtual-stages-per-pipeline-rank")) return *stages;
  const auto layers = arguments.number("num-layers-per-virtual-pipeline-stage");
  if (!layers) return 1;
  if (model.num_layers % (pp * *layers) != 0)
    refuse(arguments, "num-layers-per-virtual-pipeline-stage",
           fmt::format("{} x {} does not divide {} layers", pp, *layers, model.num_layers), "");
  return model.num_layers / (pp * *layers);
}

/// ZeRO stage: Megatron's distributed optimizer is 1, its FSDP what its strategy says.
int zero_of(Arguments& arguments) {
  const bool distributed = arguments.has("use-distributed-optimizer");
  const auto strategy = arguments.text("data-parallel-sharding-strategy");
  const bool fsdp = arguments.has("use-megatron-fsdp") || arguments.has("use-custom-fsdp");
  if (!fsdp) return distributed ? 1 : 0;
  constexpr std::array<std::string_view, 4> kStrategies{"no_shard", "optim", "optim_grads",
                                                        "optim_grads_params"};
  for (std::size_t zero = 0; zero < kStrategies.size(); ++zero) {
    if (strategy.value_or("optim_grads_params") == kStrategies[zero]) return static_cast<int>(zero);
  }
  refuse(arguments, "data-parallel-sharding-strategy", fmt::format("'{}' is unknown", *strategy), "");
}

Json selected_modules(Arguments& arguments) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kModules{
      {{"core_attn", "core_attention"},
       {"moe_act", "swiglu"},
       {"layernorm", "rms_norm"},
       {"mla_up_proj", "mla_up_projection"},
       {"mlp", "mlp"},
       {"moe", "moe"}}};
  Json chosen = Json::array();
  const std::vector<std::string> given =
      arguments.values("recompute-modules").value_or(std::vector<std::string>{"core_attn"});
  for (const std::string& module : given) {
    const std::size_t before = chosen.size();
    for (const auto& [theirs, ours] : kModules) {
      if (theirs == module) chosen.push_back(std::string(ours));
    }
    if (chosen.size() == before)
      refuse(arguments, "recompute-modules", fmt::format("recomputing '{}' is not modelled", module),
             "leave it out");
  }
  return chosen;
}

void add_recompute(Arguments& arguments, Json& layout) {
  const std::string granularity = arguments.text("recompute-granularity").value_or("");
  const auto method = arguments.text("recompute-method");
  const auto layers = arguments.number("recompute-num-layers");
  if (granularity == "selective") {
    layout["recompute"] = selected_modules(arguments);
  } else if (granularity == "full") {
    layout["recompute"] = Json::array({"full"});
    if (method == "block" && layers) layout["recompute_layers"] = *layers;
    if (method != "block" && layers.value_or(1) != 1)
      refuse(arguments, "recompute-num-layers",
             "keeping the input of several layers together is not modelled", "1");
  } else if (!granularity.empty()) {
    refuse(arguments, "recompute-granularity", fmt::format("'{}' is unknown", granularity),
           "full or selective");
  }
}

void add_context(Arguments& arguments, Json& layout) {
  layout["cp"] = arguments.number("context-parallel-size").value_or(1);
  const std::string exchange = arguments.text("cp-comm-type").value_or("p2p");
  if (layout["cp"] == 1) return;
  if (exchange != "p2p" && exchange != "all_gather")
    refuse(arguments, "cp-comm-type", fmt::format("'{}' is not modelled", exchange), "p2p or all_gather");
  if (exchange == "all_gather") layout["cp_exchange"] = "all_gather";
}

Json layout_of(Arguments& arguments, const ModelSpec& model) {
  const long tp = arguments.number("tensor-model-parallel-size").value_or(1);
  const long pp = arguments.number("pipeline-model-parallel-size").value_or(1);
  const long vpp = virtual_stages(arguments, pp, model);
  const bool overlap = arguments.has("overlap-moe-expert-parallel-comm");
  Json layout = {{"tp", tp}, {"pp", pp}};
  if (vpp > 1) layout["vpp"] = vpp;
  layout["ep"] = arguments.number("expert-model-parallel-size").value_or(1);
  layout["etp"] = arguments.number("expert-tensor-parallel-size").value_or(tp);  // Megatron's default
  add_context(arguments, layout);
  const bool sequence_parallel = arguments.has("sequence-parallel");
  if (tp > 1 && !sequence_parallel) layout["sequence_parallel"] = false;
  layout["zero"] = zero_of(arguments);
  layout["schedule"] = overlap ? "1f1b_overlap" : vpp > 1 ? "interleaved_1f1b" : "1f1b";
  layout["micro_batch"] = required(arguments, "micro-batch-size");
  add_recompute(arguments, layout);
  for (const char* name : {"decoder-first-pipeline-num-layers", "decoder-last-pipeline-num-layers",
                           "pipeline-model-parallel-layout"}) {
    if (arguments.has(name))
      refuse(arguments, name, "is not read", "import without it and set /layout/stage_layers");
  }
  return layout;
}

std::string precision_of(Arguments& arguments, Json& notes) {
  const bool fp8 = arguments.has("fp8-format");
  const std::string recipe = arguments.text("fp8-recipe").value_or("delayed");
  if (arguments.has("fp16")) refuse(arguments, "fp16", "is not modelled", "bf16");
  if (!fp8) return "bf16";
  if (recipe == "mxfp8") return "mxfp8";
  if (recipe != "blockwise") note(notes, "fp8-recipe", fmt::format("'{}' is taken as blockwise", recipe));
  return "fp8";
}

Json recipe_of(Arguments& arguments, Json& notes) {
  Json recipe = {{"sequence_length", required(arguments, "seq-length")},
                 {"global_batch", required(arguments, "global-batch-size")},
                 {"precision", precision_of(arguments, notes)}};
  recipe["memory"] = {{"ema", "none"}};
  if (arguments.has("grad-reduce-in-bf16")) recipe["memory"]["gradients"] = "bf16";
  if (arguments.has("moe-expert-capacity-factor") || arguments.has("moe-pad-expert-input-to-capacity"))
    refuse(arguments, "moe-expert-capacity-factor", "is not read",
           "import without it and set /recipe/capacity_factor");
  return recipe;
}

std::string stack_of(Arguments& arguments, const ImportChoices& choices) {
  const bool flex = arguments.text("moe-token-dispatcher-type").value_or("alltoall") == "flex";
  const bool deepep = arguments.has("moe-enable-deepep");
  if (arguments.text("moe-flex-dispatcher-backend").value_or("deepep") != "deepep")
    refuse(arguments, "moe-flex-dispatcher-backend", "only deepep is modelled", "deepep");
  if (!choices.stack.empty()) return choices.stack;
  return flex || deepep ? "megatron-core-deepep" : "megatron-core-nccl";
}

}  // namespace

Json import_megatron(std::string_view text, const std::string& file, const ImportChoices& choices) {
  Arguments arguments(text, file);
  const ModelSpec model = load_model(choices.model);
  check_model(arguments, model);
  Json notes = Json::array();
  Json scenario = {{"schema_version", 1},
                   {"kind", "training"},
                   {"model", choices.model},
                   {"cluster", choices.cluster},
                   {"calibration", choices.calibration},
                   {"stack", stack_of(arguments, choices)},
                   {"layout", layout_of(arguments, model)},
                   {"recipe", recipe_of(arguments, notes)},
                   {"routing", {{"mode", "balanced"}}}};
  arguments.has("moe-router-force-load-balancing");
  Json ignored = Json::array();
  Json unknown = Json::array();
  for (const std::string& name : arguments.others()) {
    const std::string_view reason = megatron_not_modelled(name);
    if (!reason.empty()) {
      note(notes, name, std::string(reason));
    } else {
      (megatron_ignored(name) ? ignored : unknown).push_back(name);
    }
  }
  return {{"scenario", std::move(scenario)},
          {"understood", arguments.understood()},
          {"ignored", std::move(ignored)},
          {"not_modelled", std::move(notes)},
          {"unknown", std::move(unknown)}};
}

}  // namespace moesim
