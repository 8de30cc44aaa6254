#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/exchange/near_names.hpp"
#include "sim/exchange/parts.hpp"
#include "sim/exchange/toml_keys.hpp"
#include "sim/exchange/torchtitan_flavors.hpp"
#include "sim/exchange/torchtitan_keys.hpp"
#include "sim/exchange/torchtitan_layout.hpp"

namespace moesim {
namespace {

constexpr const char* kFlavor = "model.flavor";
constexpr const char* kGlobal = "training.global_batch_size";
constexpr const char* kMicro = "parallelism.pipeline_parallel_microbatch_size";

NamedModel model_of(TomlKeys& keys, const ImportChoices& choices, Json& notes) {
  const std::string name = keys.text("model.name").value_or("");
  const std::string flavor = keys.text(kFlavor).value_or("");
  const auto described = torchtitan_model(name, flavor);
  if (!choices.model.empty()) {
    const ModelSpec chosen = load_model(choices.model);
    const auto sizes = [](const ModelSpec& model) {
      return std::tuple(model.num_layers, model.hidden, model.num_heads, model.num_experts, model.top_k,
                        model.dense_intermediate, model.expert_intermediate, model.vocabulary);
    };
    if (described && sizes(*described) != sizes(chosen))
      keys.refuse(kFlavor, fmt::format("{} {} is not {}", name, flavor, chosen.name), "give another --model");
    if (described && chosen.mtp_depth > 0)
      add_note(notes, kFlavor, fmt::format("is without the multi-token prediction of {}", chosen.name));
    return {choices.model, chosen, false};
  }
  if (!described)
    keys.refuse(kFlavor, fmt::format("the sizes of {} '{}' are not known", name, flavor),
                fmt::format("known: {}; or give --model", fmt::join(torchtitan_flavors(), ", ")));
  return name_model(*described, choices, keys.file());
}

/// FP8 and MXFP8 come from what converts the model.
std::string precision_of(TomlKeys& keys) {
  bool fp8 = false;
  bool mxfp8 = false;
  for (const std::string& converter : keys.texts("model.converters")) {
    const bool is_fp8 = converter == "float8" || converter.ends_with(".float8");
    const bool is_mx = converter == "mx" || converter.ends_with(".mx");
    if (!is_fp8 && !is_mx)
      keys.refuse("model.converters", fmt::format("'{}' is not modelled", converter), "float8 or mx");
    fp8 = fp8 || is_fp8;
    mxfp8 = mxfp8 || is_mx;
  }
  for (const char* name : {"mixed_precision_param", "mixed_precision_reduce", "dtype"}) {
    const std::string key = fmt::format("training.{}", name);
    const std::string wanted = std::string(name) == "mixed_precision_param" ? "bfloat16" : "float32";
    const std::string given = keys.text(key).value_or(wanted);
    if (given != wanted) keys.refuse(key, fmt::format("'{}' is not modelled", given), wanted);
  }
  if (fp8 && mxfp8)
    keys.refuse("model.converters", "has both float8 and mx", "one precision for all linears");
  return mxfp8 ? "mxfp8" : fp8 ? "fp8" : "bf16";
}

/// Puts the micro-batch into the layout; a pipeline runs once for each local batch.
Json recipe_of(TomlKeys& keys, const TorchtitanDegrees& degrees, Json& layout, Json& notes) {
  const bool is_old = !keys.has("training.local_batch_size") && keys.has("training.batch_size");
  const std::string local_key = is_old ? "training.batch_size" : "training.local_batch_size";
  const long local = keys.number(local_key).value_or(8);
  const long whole = local * degrees.dp();
  const long given = keys.number(kGlobal, -1).value_or(-1);
  const long global = given > 0 ? given : whole;
  if (global % whole != 0)
    keys.refuse(kGlobal,
                fmt::format("{} is no multiple of {} local x {} replicas", global, local, degrees.dp()), "");
  long micro = keys.number(kMicro).value_or(1);
  if (degrees.pp == 1) micro = local;
  if (local % micro != 0)
    keys.refuse(kMicro, fmt::format("{} does not divide the local batch of {}", micro, local), "");
  if (degrees.pp > 1 && global > whole)
    add_note(
        notes, kGlobal,
        fmt::format("the pipeline drains after each of {} local batches; here once a step", global / whole));
  layout["micro_batch"] = micro;
  return {{"sequence_length", keys.number("training.seq_len").value_or(2048)},
          {"global_batch", global},
          {"precision", precision_of(keys)},
          {"memory", {{"ema", "none"}}}};
}

/// The stack compiles every layer.
void check_compile(TomlKeys& keys, const ImportChoices& choices, Json& notes) {
  const bool old_form = keys.flag("training.compile");
  const bool compiled = keys.flag("compile.enable") || old_form;
  if (!compiled && choices.stack.empty())
    add_note(notes, "compile.enable", "is off, but the stack torchtitan has compiled layers");
}

}  // namespace

Json import_torchtitan(std::string_view text, const std::string& file, const ImportChoices& choices) {
  TomlKeys keys(text, file);
  Json notes = Json::array();
  const NamedModel model = model_of(keys, choices, notes);
  const TorchtitanDegrees degrees = torchtitan_degrees(keys, model.spec, choices);
  Json layout = torchtitan_layout(keys, degrees, model.spec, notes);
  Json recipe = recipe_of(keys, degrees, layout, notes);
  check_compile(keys, choices, notes);
  const std::string optimizer = keys.text("optimizer.name").value_or("AdamW");
  if (optimizer != "AdamW" && optimizer != "Adam")
    add_note(notes, "optimizer.name", fmt::format("'{}' is taken as AdamW", optimizer));
  Json ignored = Json::array();
  Json unknown = Json::array();
  for (const std::string& name : keys.others()) {
    const std::string_view reason = torchtitan_not_modelled(name);
    if (!reason.empty() && !keys.is_off(name)) {
      add_note(notes, name, std::string(reason));
    } else {
      (!reason.empty() || torchtitan_ignored(name) ? ignored : unknown).push_back(name);
    }
  }
  Json read = {{"scenario", scenario_of(choices, model, "torchtitan", std::move(layout), std::move(recipe))},
               {"understood", keys.understood()},
               {"ignored", std::move(ignored)},
               {"not_modelled", std::move(notes)},
               {"near", near_names(unknown, keys.asked(), torchtitan_keys())},
               {"unknown", std::move(unknown)}};
  read["scenario"]["cluster"] = cluster_of(choices, degrees.num_gpus(), file);
  if (model.is_new) read["model"] = write_spec(model.spec);
  return read;
}

}  // namespace moesim
