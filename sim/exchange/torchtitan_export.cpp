#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/exchange/parts.hpp"
#include "sim/exchange/torchtitan_flavors.hpp"
#include "sim/exchange/torchtitan_stages.hpp"

namespace moesim {
namespace {

void add_model(const Json& scenario, const std::string& file, Json& config, Json& notes) {
  const std::string name = scenario.at("model");
  const ModelSpec model = load_model(name, file, "/model");
  for (const std::string& known : catalog_names()) {
    const TorchtitanFlavor* flavor = torchtitan_flavor(known);
    if (flavor == nullptr) continue;
    ModelSpec theirs = *torchtitan_model(flavor->name, flavor->flavor);
    theirs.name = model.name;
    theirs.max_positions = model.max_positions;
    ModelSpec ours = model;
    ours.mtp_depth = 0;
    if (!(ours == theirs)) continue;
    config["model"] = {{"name", std::string(flavor->name)}, {"flavor", std::string(flavor->flavor)}};
    if (model.mtp_depth > 0)
      add_not_expressed(notes, "/model", fmt::format("{} multi-token-prediction modules", model.mtp_depth));
    return;
  }
  add_not_expressed(notes, "/model", fmt::format("torchtitan has no flavor of {}", name));
}

/// FSDP, HSDP or plain replicas.
void add_sharding(const Json& layout, long dp, Json& parallelism, Json& notes) {
  const int zero = layout.value("zero", 1);
  const long shard = zero == 0 ? 1 : layout.value("shard", dp);
  parallelism["data_parallel_replicate_degree"] = dp / shard;
  parallelism["data_parallel_shard_degree"] = shard;
  if (zero == 1)
    add_not_expressed(notes, "/layout/zero", "optimizer states sharded without gradients; given as zero 2");
  if (zero == 0 && layout.value("cp", 1) > 1)
    add_not_expressed(notes, "/layout/zero", "torchtitan shards over a context-parallel group");
  if (zero > 0) parallelism["fsdp_reshard_after_forward"] = zero == 3 ? "always" : "never";
}

void add_experts(const Json& layout, Json& parallelism, Json& notes) {
  const long tp = layout.value("tp", 1);
  const long etp = layout.value("etp", 1);
  const long ep = layout.value("ep", 1);
  parallelism["expert_parallel_degree"] = ep;
  if (ep > 1) parallelism["expert_tensor_parallel_degree"] = etp;
  if (etp != 1 && etp != tp)
    add_not_expressed(notes, "/layout/etp", "tensor parallelism of experts that is neither 1 nor tp");
}

void add_stages(const Json& layout, const std::string& file, Json& parallelism, Json& notes) {
  const std::string ours = layout.at("schedule");
  const std::string schedule = torchtitan_schedule(ours);
  if (schedule.empty())
    throw SpecError(file, "/layout/schedule", fmt::format("torchtitan has no schedule '{}'", ours),
                    "1f1b, gpipe, interleaved_1f1b, zbv or dualpipev");
  if (layout.value("pp", 1) == 1) return;
  parallelism["pipeline_parallel_schedule"] = schedule;
  parallelism["pipeline_parallel_microbatch_size"] = layout.value("micro_batch", 1);
  const Json stages = layout.value("stage_layers", Json::array());
  if (!stages.empty()) {
    parallelism["module_fqns_per_model_part"] = torchtitan_parts(stages);
  } else {
    add_not_expressed(notes, "/layout/stage_layers",
                      "absent, that is balanced; torchtitan cuts by its own rule");
    if (layout.value("vpp", 1) > 2)
      add_not_expressed(notes, "/layout/vpp", "without stage_layers torchtitan has two stages a rank");
  }
}

Json checkpointing(const Json& layout, Json& notes) {
  const Json chosen = layout.value("recompute", Json::array());
  if (chosen.empty()) return {{"mode", "none"}};
  if (chosen == Json::array({"rms_norm", "swiglu"}))
    return {{"mode", "selective"}, {"selective_ac_option", "op"}};
  if (chosen != Json::array({"full"})) {
    add_not_expressed(notes, "/layout/recompute", chosen.dump());
    return {{"mode", "none"}};
  }
  if (layout.contains("recompute_layers"))
    add_not_expressed(notes, "/layout/recompute_layers", "some layers of each stage; given as all");
  return {{"mode", "full"}};
}

void add_recipe(const Json& scenario, long dp, Json& config, Json& notes) {
  const Json& recipe = scenario.at("recipe");
  const Json& layout = scenario.at("layout");
  const long global = recipe.at("global_batch");
  const bool pipelined = layout.value("pp", 1) > 1;
  if (pipelined && global % dp != 0) add_not_expressed(notes, "/recipe/global_batch", "is no multiple of dp");
  config["training"] = {{"seq_len", recipe.at("sequence_length")},
                        {"local_batch_size", pipelined ? global / dp : layout.value("micro_batch", 1L)},
                        {"global_batch_size", global}};
  config["compile"] = {{"enable", true}};
  const std::string precision = recipe.at("precision");
  if (precision != "bf16")
    config["model"]["converters"] =
        Json::array({precision == "fp8" ? "quantize.linear.float8" : "quantize.linear.mx"});
  add_memory_notes(recipe.value("memory", Json::object()), "", notes);
  for (const char* key : {"capacity_factor", "capacity_padded", "batch_schedule", "fallback"}) {
    if (recipe.contains(key) && recipe[key] != false)
      add_not_expressed(notes, std::string("/recipe/") + key, recipe[key].dump());
  }
}

}  // namespace

Json export_torchtitan(const Json& scenario, const std::string& file, int num_gpus) {
  const Json& layout = scenario.at("layout");
  Json notes = Json::array();
  Json config = {{"model", Json::object()}};
  add_model(scenario, file, config, notes);
  const long others = layout.value("tp", 1L) * layout.value("pp", 1L) * layout.value("cp", 1L);
  if (num_gpus % others != 0)
    throw SpecError(file, "/layout",
                    fmt::format("tp x pp x cp = {} does not divide {} GPUs", others, num_gpus), "");
  const long dp = num_gpus / others;
  Json parallelism = {{"tensor_parallel_degree", layout.value("tp", 1)},
                      {"context_parallel_degree", layout.value("cp", 1)},
                      {"pipeline_parallel_degree", layout.value("pp", 1)}};
  if (layout.value("cp", 1) > 1)
    parallelism["context_parallel_rotate_method"] =
        layout.value("cp_exchange", "ring") == "ring" ? "alltoall" : "allgather";
  add_sharding(layout, dp, parallelism, notes);
  add_experts(layout, parallelism, notes);
  add_stages(layout, file, parallelism, notes);
  if (!layout.value("sequence_parallel", true))
    add_not_expressed(notes, "/layout/sequence_parallel", "torchtitan's tensor parallelism has it always");
  add_recipe(scenario, dp, config, notes);
  config["parallelism"] = std::move(parallelism);
  config["activation_checkpoint"] = checkpointing(layout, notes);
  if (scenario.value("routing", Json::object()).value("mode", "balanced") != "balanced")
    add_not_expressed(notes, "/routing", "how tokens spread");
  return {{"config", std::move(config)}, {"not_expressed", std::move(notes)}};
}

std::string torchtitan_text(const Json& config) {
  std::string text;
  for (const auto& [section, keys] : config.items()) {
    if (keys.empty()) continue;
    text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    for (const auto& [key, value] : keys.items()) text += fmt::format("{} = {}\n", key, value.dump());
  }
  return text;
}

}  // namespace moesim
