#include "sim/exchange/megatron_layout.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/exchange/megatron_stages.hpp"

namespace moesim {
namespace {

[[noreturn]] void refuse(const Arguments& arguments, const std::string& name, const std::string& what,
                         const std::string& hint) {
  throw SpecError(arguments.file(), "--" + name, what, hint);
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
  constexpr const char* kAlias = "recompute-activations";  // of --recompute-granularity selective
  const bool alias = arguments.has(kAlias);
  const std::string granularity = arguments.text("recompute-granularity").value_or(alias ? "selective" : "");
  if (alias && granularity != "selective")
    refuse(arguments, kAlias,
           fmt::format("stands for selective, but --recompute-granularity is {}", granularity),
           "leave one of them out");
  arguments.has("recompute-modules");  // decides nothing unless selective
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

}  // namespace

Json megatron_layout(Arguments& arguments, const ModelSpec& model) {
  const long tp = arguments.number("tensor-model-parallel-size").value_or(1);
  const long pp = arguments.number("pipeline-model-parallel-size").value_or(1);
  const bool overlap = arguments.has("overlap-moe-expert-parallel-comm");
  Json layout = {{"tp", tp}, {"pp", pp}};
  add_megatron_stages(arguments, model, pp, layout);
  layout["ep"] = arguments.number("expert-model-parallel-size").value_or(1);
  layout["etp"] = arguments.number("expert-tensor-parallel-size").value_or(tp);  // Megatron's default
  add_context(arguments, layout);
  const bool sequence_parallel = arguments.has("sequence-parallel");
  if (tp > 1 && !sequence_parallel) layout["sequence_parallel"] = false;
  layout["zero"] = zero_of(arguments);
  layout["schedule"] = overlap ? "1f1b_overlap" : layout.contains("vpp") ? "interleaved_1f1b" : "1f1b";
  const auto micro = arguments.number("micro-batch-size");
  if (!micro) refuse(arguments, "micro-batch-size", "is missing", "a scenario needs it");
  layout["micro_batch"] = *micro;
  add_recompute(arguments, layout);
  return layout;
}

}  // namespace moesim
