#include <array>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/arguments.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/megatron_flags.hpp"
#include "sim/exchange/megatron_layout.hpp"
#include "sim/exchange/megatron_model.hpp"
#include "sim/exchange/near_names.hpp"
#include "sim/exchange/parts.hpp"

namespace moesim {
namespace {

[[noreturn]] void refuse(const Arguments& arguments, const std::string& name, const std::string& what,
                         const std::string& hint) {
  throw SpecError(arguments.file(), "--" + name, what, hint);
}

long required(Arguments& arguments, const std::string& name) {
  const auto value = arguments.number(name);
  if (!value) refuse(arguments, name, "is missing", "a scenario needs it");
  return *value;
}

std::string precision_of(Arguments& arguments, Json& notes) {
  const bool fp8 = arguments.has("fp8-format");
  const std::string recipe = arguments.text("fp8-recipe").value_or("delayed");
  arguments.has("bf16");  // the precision of what is not in FP8
  if (arguments.has("fp16")) refuse(arguments, "fp16", "is not modelled", "bf16");
  if (!fp8) return "bf16";
  if (recipe == "mxfp8") return "mxfp8";
  if (recipe != "blockwise") add_note(notes, "fp8-recipe", fmt::format("'{}' is taken as blockwise", recipe));
  return "fp8";
}

/// Expert rows over the mean that are kept; none where nothing is dropped.
void add_capacity(Arguments& arguments, Json& recipe) {
  constexpr const char* kName = "moe-expert-capacity-factor";
  const auto word = arguments.text(kName);
  const bool padded = arguments.has("moe-pad-expert-input-to-capacity");
  if (!word) {
    if (padded)
      refuse(arguments, "moe-pad-expert-input-to-capacity", "pads to a capacity that is not given", kName);
    return;
  }
  double factor = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, factor);
  if (error != std::errc() || stop != end || !(factor > 0))
    refuse(arguments, kName, fmt::format("'{}' is no number above 0", *word), "1.0");
  recipe["capacity_factor"] = factor;
  if (padded) recipe["capacity_padded"] = true;
}

/// --rampup-batch-size START INCREMENT SAMPLES as an even ramp, then the rest of --train-samples.
void add_ramp(Arguments& arguments, Json& recipe, Json& notes) {
  constexpr const char* kName = "rampup-batch-size";
  const auto words = arguments.values(kName);
  if (!words) return;
  std::array<long, 3> ramp{};
  if (words->size() != ramp.size())
    refuse(arguments, kName, fmt::format("has {} values", words->size()), "start, increment and samples");
  for (std::size_t i = 0; i < ramp.size(); ++i) {
    const std::string& word = (*words)[i];
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), ramp[i]);
    if (error != std::errc() || stop != word.data() + word.size() || ramp[i] < 1 || ramp[i] > (1L << 40))
      refuse(arguments, kName, fmt::format("'{}' is no whole number of at least 1", word),
             "digits, such as 1");
  }
  const auto [start, increment, samples] = ramp;
  const long global = recipe["global_batch"];
  const long tokens = recipe["sequence_length"];
  if (start > global || (global - start) % increment != 0)
    refuse(arguments, kName, fmt::format("{} does not reach {} in steps of {}", start, global, increment),
           "");
  recipe["batch_schedule"] =
      Json::array({{{"global_batch", start}, {"to", global}, {"tokens", samples * tokens}}});
  const long all = arguments.number("train-samples").value_or(0);
  if (all > samples)
    recipe["batch_schedule"].push_back({{"global_batch", global}, {"tokens", (all - samples) * tokens}});
  if (all == 0) add_note(notes, kName, "what follows the ramp is not known without --train-samples");
}

Json recipe_of(Arguments& arguments, Json& notes) {
  Json recipe = {{"sequence_length", required(arguments, "seq-length")},
                 {"global_batch", required(arguments, "global-batch-size")},
                 {"precision", precision_of(arguments, notes)}};
  add_capacity(arguments, recipe);
  add_ramp(arguments, recipe, notes);
  recipe["memory"] = {{"ema", "none"}};
  if (arguments.has("grad-reduce-in-bf16")) recipe["memory"]["gradients"] = "bf16";
  return recipe;
}

std::string stack_of(Arguments& arguments) {
  const bool flex = arguments.text("moe-token-dispatcher-type").value_or("alltoall") == "flex";
  const bool deepep = arguments.has("moe-enable-deepep");
  if (arguments.text("moe-flex-dispatcher-backend").value_or("deepep") != "deepep")
    refuse(arguments, "moe-flex-dispatcher-backend", "only deepep is modelled", "deepep");
  return flex || deepep ? "megatron-core-deepep" : "megatron-core-nccl";
}

/// A number of a launcher's arguments, whose variables its caller may set; the script to run may follow it.
std::optional<long> launched(Arguments& arguments, const std::string& name, Json& notes) {
  const auto given = arguments.values(name);
  if (!given) return std::nullopt;
  const std::string word = given->empty() ? "" : given->front();
  long value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc() && stop == word.data() + word.size() && value > 0 && value < (1 << 20))
    return value;
  add_note(notes, name, fmt::format("'{}' is no number here; the GPUs are --gpus or the cluster's", word));
  return std::nullopt;
}

/// GPUs of the run: --gpus, else of torchrun's arguments, else the cluster's.
long num_gpus_of(Arguments& arguments, const ImportChoices& choices, Json& notes) {
  const auto nodes = launched(arguments, "nnodes", notes);
  const auto per_node = launched(arguments, "nproc-per-node", notes);
  if (nodes && per_node) {
    const long gpus = *nodes * *per_node;
    if (choices.num_gpus > 0 && choices.num_gpus != gpus)
      refuse(arguments, "nnodes",
             fmt::format("{} x {} are {} GPUs, --gpus is {}", *nodes, *per_node, gpus, choices.num_gpus),
             "leave --gpus out");
    return gpus;
  }
  return choices.num_gpus > 0 ? choices.num_gpus : choices.cluster_gpus;
}

}  // namespace

Json import_megatron(std::string_view text, const std::string& file, const ImportChoices& choices) {
  Arguments arguments(text, file);
  Json notes = Json::array();
  const NamedModel model = megatron_model(arguments, choices, notes);
  Json layout = megatron_layout(arguments, model.spec);
  Json recipe = recipe_of(arguments, notes);
  Json scenario = scenario_of(choices, model, stack_of(arguments), std::move(layout), std::move(recipe));
  scenario["cluster"] = cluster_of(choices, num_gpus_of(arguments, choices, notes), file);
  arguments.has("moe-router-force-load-balancing");
  Json ignored = Json::array();
  Json unknown = Json::array();
  for (const std::string& name : arguments.others()) {
    const std::string_view reason = megatron_not_modelled(name);
    if (!reason.empty()) {
      add_note(notes, name, std::string(reason));
    } else {
      (megatron_ignored(name) ? ignored : unknown).push_back(name);
    }
  }
  Json read = {{"scenario", std::move(scenario)},
               {"understood", arguments.understood()},
               {"ignored", std::move(ignored)},
               {"not_modelled", std::move(notes)},
               {"near", near_names(unknown, arguments.asked(), megatron_flags())},
               {"unknown", std::move(unknown)}};
  if (model.is_new) read["model"] = write_spec(model.spec);
  return read;
}

}  // namespace moesim
