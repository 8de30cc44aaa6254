#include "sim/exchange/torchtitan_layout.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/exchange/parts.hpp"
#include "sim/exchange/torchtitan_stages.hpp"

namespace moesim {
namespace {

constexpr const char* kShard = "parallelism.data_parallel_shard_degree";
constexpr const char* kExpert = "parallelism.expert_parallel_degree";
constexpr const char* kReshard = "parallelism.fsdp_reshard_after_forward";
constexpr const char* kRotate = "parallelism.context_parallel_rotate_method";
constexpr const char* kMode = "activation_checkpoint.mode";
constexpr const char* kOption = "activation_checkpoint.selective_ac_option";

long degree(TomlKeys& keys, const std::string& name) {
  return keys.number("parallelism." + name).value_or(1);
}

/// The number of ranks that are left for sharding, or what is given.
void fill_shard(TomlKeys& keys, const ImportChoices& choices, TorchtitanDegrees& degrees) {
  const long given = keys.number(kShard, -1).value_or(-1);
  const long others = degrees.num_gpus();  // shard is 1 yet
  if (given == 0) keys.refuse(kShard, "is 0", "1 for none, -1 for all that are left");
  const long num_gpus = choices.num_gpus > 0 ? choices.num_gpus : choices.cluster_gpus;
  if (given > 0) {
    degrees.shard = given;
    if (choices.num_gpus > 0 && degrees.num_gpus() != num_gpus)
      keys.refuse(kShard,
                  fmt::format("the degrees multiply to {} GPUs; there are {}", degrees.num_gpus(), num_gpus),
                  "-1 for all that are left");
    return;
  }
  if (num_gpus == 0) keys.refuse(kShard, "is -1, and the number of GPUs is not given", "--gpus");
  if (num_gpus % others != 0)
    keys.refuse(kShard, fmt::format("{} GPUs are no multiple of the other degrees, {}", num_gpus, others),
                "");
  degrees.shard = num_gpus / others;
}

/// torchtitan/distributed/parallel_dims.py: experts are spread over ranks of sharding and context, and over
/// those of tensor parallelism where they have none of their own.
void fill_experts(TomlKeys& keys, const ModelSpec& model, TorchtitanDegrees& degrees) {
  constexpr const char* kTensor = "parallelism.expert_tensor_parallel_degree";
  degrees.ep = degree(keys, "expert_parallel_degree");
  const auto given = keys.number(kTensor);
  if (degrees.ep == 1) {
    degrees.etp = model.num_moe_layers() > 0 ? degrees.tp : 1;
    return;
  }
  degrees.etp = given.value_or(1);
  if (degrees.etp != 1 && degrees.etp != degrees.tp)
    keys.refuse(kTensor, fmt::format("is {}, neither 1 nor tensor_parallel_degree", degrees.etp), "");
  const long ranks = degrees.shard * degrees.cp * (degrees.etp == 1 ? degrees.tp : 1);
  if (ranks % degrees.ep != 0)
    keys.refuse(kExpert, fmt::format("{} does not divide the {} ranks that shard", degrees.ep, ranks), "");
}

/// ZeRO stage: FSDP is 3, or 2 where gathered weights stay until the backward pass.
int zero_of(TomlKeys& keys, const TorchtitanDegrees& degrees) {
  const std::string reshard = keys.text(kReshard).value_or("default");
  if (reshard != "default" && reshard != "always" && reshard != "never")
    keys.refuse(kReshard, fmt::format("'{}' is unknown", reshard), "default, always or never");
  if (degrees.shard == 1 && degrees.cp == 1) return 0;
  return reshard == "always" || (reshard == "default" && degrees.pp == 1) ? 3 : 2;
}

/// Every `every`-th layer of a stage, as as many layers of it.
void add_every_nth(const std::string& option, const ModelSpec& model, Json& layout, Json& notes) {
  long every = 0;
  std::from_chars(option.data(), option.data() + option.size(), every);
  const long stages = layout.contains("stage_layers") ? static_cast<long>(layout["stage_layers"].size()) : 1;
  const long layers = model.num_layers / stages / every;
  layout["recompute"] = Json::array({"full"});
  if (every > 1) layout["recompute_layers"] = std::max(1L, layers);
  if (every > 1 && (model.num_layers % (stages * every) != 0 || stages > 1))
    add_note(notes, kOption,
             fmt::format("one layer in {} is taken as {} of each stage", every, std::max(1L, layers)));
}

void add_recompute(TomlKeys& keys, const ModelSpec& model, Json& layout, Json& notes) {
  const std::string mode = keys.text(kMode).value_or("selective");
  const Json given = keys.value(kOption);
  const std::string option = given.is_null()     ? "2"
                             : given.is_string() ? given.get<std::string>()
                                                 : given.dump();
  if (mode == "none") return;
  if (mode == "full") {
    layout["recompute"] = Json::array({"full"});
    return;
  }
  if (mode != "selective")
    keys.refuse(kMode, fmt::format("'{}' is not modelled", mode), "none, selective or full");
  if (option == "op") {
    layout["recompute"] = Json::array({"rms_norm", "swiglu"});
    add_note(notes, kOption, "every second linear, which it computes again too, is kept");
    return;
  }
  const bool is_number = !option.empty() && option.size() < 4 && option[0] != '0' &&
                         std::ranges::all_of(option, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) keys.refuse(kOption, fmt::format("'{}' is neither op nor a number of layers", option), "");
  add_every_nth(option, model, layout, notes);
}

}  // namespace

TorchtitanDegrees torchtitan_degrees(TomlKeys& keys, const ModelSpec& model, const ImportChoices& choices) {
  TorchtitanDegrees degrees;
  degrees.replicate = degree(keys, "data_parallel_replicate_degree");
  degrees.tp = degree(keys, "tensor_parallel_degree");
  degrees.cp = degree(keys, "context_parallel_degree");
  degrees.pp = degree(keys, "pipeline_parallel_degree");
  fill_shard(keys, choices, degrees);
  fill_experts(keys, model, degrees);
  return degrees;
}

Json torchtitan_layout(TomlKeys& keys, const TorchtitanDegrees& degrees, const ModelSpec& model,
                       Json& notes) {
  Json layout = {
      {"tp", degrees.tp}, {"pp", degrees.pp}, {"cp", degrees.cp}, {"ep", degrees.ep}, {"etp", degrees.etp}};
  const std::string rotate = keys.text(kRotate).value_or("allgather");
  if (rotate != "allgather" && rotate != "alltoall")
    keys.refuse(kRotate, fmt::format("'{}' is unknown", rotate), "allgather or alltoall");
  if (degrees.cp > 1) layout["cp_exchange"] = rotate == "allgather" ? "all_gather" : "ring";
  layout["zero"] = zero_of(keys, degrees);
  if (layout["zero"] != 0 && degrees.replicate > 1) layout["shard"] = degrees.shard;
  add_torchtitan_stages(keys, model, degrees.pp, layout);
  add_recompute(keys, model, layout, notes);
  return layout;
}

}  // namespace moesim
