#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/megatron_stages.hpp"
#include "sim/exchange/parts.hpp"

namespace moesim {
namespace {

/// Words of the argument list.
class Words {
 public:
  void add(const std::string& name) { words_.push_back("--" + name); }
  void add(const std::string& name, const std::string& value) {
    add(name);
    words_.push_back(value);
  }
  void add(const std::string& name, const Json& value) {
    add(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  /// One more value of the last argument.
  void add_value(const std::string& value) { words_.push_back(value); }
  [[nodiscard]] Json take() { return std::move(words_); }

 private:
  Json words_ = Json::array();
};

void add_sharding(const Json& layout, Words& words) {
  constexpr std::array<std::string_view, 4> kStrategies{"no_shard", "optim", "optim_grads",
                                                        "optim_grads_params"};
  const int zero = layout.value("zero", 1);
  if (zero >= 1) words.add("use-distributed-optimizer");
  if (zero < 2) return;
  words.add("use-megatron-fsdp");
  words.add("data-parallel-sharding-strategy", std::string(kStrategies.at(static_cast<std::size_t>(zero))));
}

void add_recompute(const Json& layout, Words& words, Json& notes) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kModules{
      {{"core_attention", "core_attn"},
       {"swiglu", "moe_act"},
       {"rms_norm", "layernorm"},
       {"mla_up_projection", "mla_up_proj"},
       {"mlp", "mlp"},
       {"moe", "moe"}}};
  const Json chosen = layout.value("recompute", Json::array());
  if (chosen.empty()) return;
  if (chosen == Json::array({"full"})) {
    const bool block = layout.contains("recompute_layers");
    words.add("recompute-granularity", std::string("full"));
    words.add("recompute-method", std::string(block ? "block" : "uniform"));
    words.add("recompute-num-layers", block ? layout["recompute_layers"] : Json(1));
    return;
  }
  words.add("recompute-granularity", std::string("selective"));
  bool first = true;
  for (const Json& what : chosen) {
    for (const auto& [ours, theirs] : kModules) {
      if (what != ours) continue;
      if (first) words.add("recompute-modules", std::string(theirs));
      if (!first) words.add_value(std::string(theirs));
      first = false;
    }
    if (what == "full") add_not_expressed(notes, "/layout/recompute", "full beside other parts");
  }
}

/// Stages of their own, else as many on each rank.
void add_stages(const Json& scenario, const std::string& file, Words& words) {
  const Json& layout = scenario.at("layout");
  const Json stages = layout.value("stage_layers", Json::array());
  if (stages.empty()) {
    if (layout.value("vpp", 1) > 1) words.add("num-virtual-stages-per-pipeline-rank", layout["vpp"]);
    return;
  }
  const int mtp_depth = load_model(scenario.at("model").get<std::string>(), file, "/model").mtp_depth;
  words.add("pipeline-model-parallel-layout", megatron_stage_text(stages, mtp_depth));
}

void add_schedule(const Json& layout, const std::string& file, Words& words) {
  const std::string schedule = layout.at("schedule");
  if (schedule != "1f1b" && schedule != "interleaved_1f1b" && schedule != "1f1b_overlap")
    throw SpecError(file, "/layout/schedule", fmt::format("Megatron-LM has no schedule '{}'", schedule),
                    "1f1b, interleaved_1f1b or 1f1b_overlap");
  if (schedule == "1f1b_overlap") words.add("overlap-moe-expert-parallel-comm");
}

void add_recipe(const Json& recipe, Words& words, Json& notes) {
  words.add("seq-length", recipe.at("sequence_length"));
  words.add("global-batch-size", recipe.at("global_batch"));
  words.add("bf16");
  const std::string precision = recipe.at("precision");
  if (precision != "bf16") {
    words.add("fp8-format", std::string("e4m3"));
    words.add("fp8-recipe", std::string(precision == "fp8" ? "blockwise" : "mxfp8"));
  }
  const Json memory = recipe.value("memory", Json::object());
  const bool bf16_gradients = memory.value("gradients", "") == "bf16";
  if (bf16_gradients) words.add("grad-reduce-in-bf16");
  add_memory_notes(memory, bf16_gradients || memory.value("gradients", "") == "fp32" ? "gradients" : "",
                   notes);
  if (recipe.contains("capacity_factor")) words.add("moe-expert-capacity-factor", recipe["capacity_factor"]);
  if (recipe.value("capacity_padded", false)) words.add("moe-pad-expert-input-to-capacity");
  for (const char* key : {"batch_schedule", "fallback"}) {
    if (recipe.contains(key)) add_not_expressed(notes, std::string("/recipe/") + key, recipe[key].dump());
  }
}

}  // namespace

Json export_megatron(const Json& scenario, const std::string& file) {
  const Json& layout = scenario.at("layout");
  Words words;
  Json notes = Json::array();
  words.add("tensor-model-parallel-size", Json(layout.value("tp", 1)));
  words.add("pipeline-model-parallel-size", Json(layout.value("pp", 1)));
  words.add("context-parallel-size", Json(layout.value("cp", 1)));
  words.add("expert-model-parallel-size", Json(layout.value("ep", 1)));
  words.add("expert-tensor-parallel-size", Json(layout.value("etp", 1)));
  if (layout.value("cp_exchange", "ring") == "all_gather")
    words.add("cp-comm-type", std::string("all_gather"));
  if (layout.value("tp", 1) > 1 && layout.value("sequence_parallel", true)) words.add("sequence-parallel");
  add_schedule(layout, file, words);
  add_stages(scenario, file, words);
  words.add("micro-batch-size", Json(layout.value("micro_batch", 1)));
  add_sharding(layout, words);
  add_recompute(layout, words, notes);
  add_recipe(scenario.at("recipe"), words, notes);
  if (layout.contains("shard")) add_not_expressed(notes, "/layout/shard", "replicas that shard together");
  if (scenario.value("routing", Json::object()).value("mode", "balanced") != "balanced")
    add_not_expressed(notes, "/routing", "how tokens spread");
  return {{"arguments", words.take()}, {"not_expressed", std::move(notes)}};
}

}  // namespace moesim
