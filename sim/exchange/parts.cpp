#include "sim/exchange/parts.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

bool same_sizes(const ModelSpec& described, ModelSpec known) {
  if (described.vocabulary == 0) known.vocabulary = 0;
  known.name = described.name;
  known.family = described.family;
  known.scoring = described.scoring;
  known.group_score = described.group_score;
  known.normalise_top_k = described.normalise_top_k;
  known.gate_bias = described.gate_bias;
  known.route_scale = described.route_scale;
  known.random_second = described.random_second;
  known.max_positions = described.max_positions;
  return known == described;
}

/// "deepseek-v3" and "llama-3.1-8b", but not "deepseek-r1" and its distillations.
bool called_like_its_family(const std::string& name, std::string family) {
  std::ranges::replace(family, '_', '-');
  return name.starts_with(family);
}

}  // namespace

void add_note(Json& notes, const std::string& name, const std::string& what) {
  notes.push_back({{"name", name}, {"what", what}});
}

void add_not_expressed(Json& notes, const std::string& pointer, const std::string& what) {
  notes.push_back({{"pointer", pointer}, {"what", what}});
}

void add_memory_notes(const Json& memory, std::string_view expressed, Json& notes) {
  const Json usual = {{"ema", "none"}, {"mtp_shares_embedding", true}, {"expert_rows_over_mean", 1.0}};
  for (const auto& [key, value] : memory.items()) {
    if (key == expressed || (usual.contains(key) && usual[key] == value)) continue;
    add_not_expressed(notes, "/recipe/memory/" + key, fmt::format("{} in memory", value.dump()));
  }
}

NamedModel name_model(const ModelSpec& described, const ImportChoices& choices, const std::string& file) {
  NamedModel found;
  for (const std::string& name : catalog_names()) {
    const ModelSpec known = load_model(name);
    if (!same_sizes(described, known)) continue;
    if (found.name.empty() || (called_like_its_family(name, known.family) &&
                               !called_like_its_family(found.name, found.spec.family)))
      found = {name, known, false};
  }
  if (!found.name.empty()) return found;
  if (described.vocabulary == 0)
    throw SpecError(file, "", "the model is none of the catalog, and its vocabulary is not given",
                    "give it (--vocab-size), or --model");
  if (choices.model_file.empty())
    throw SpecError(file, "", "the model is none of the catalog, and there is no place to write it",
                    "give -o FILE, beside which it is written, or --model");
  return {choices.model_file, described, true};
}

Json cluster_of(const ImportChoices& choices, long num_gpus, const std::string& file) {
  if (choices.cluster_gpus == 0 || num_gpus == choices.cluster_gpus) return choices.cluster;
  const long per_node = choices.gpus_per_node;
  if (num_gpus < per_node) return {{"base", choices.cluster}, {"gpus_per_node", num_gpus}, {"num_nodes", 1}};
  if (num_gpus % per_node != 0) {
    const long below = num_gpus / per_node * per_node;
    throw SpecError(file, "", fmt::format("{} GPUs are no whole nodes of {}", num_gpus, per_node),
                    fmt::format("{} or {} GPUs, or another --cluster", below, below + per_node));
  }
  return {{"base", choices.cluster}, {"num_nodes", num_gpus / per_node}};
}

Json scenario_of(const ImportChoices& choices, const NamedModel& model, const std::string& stack, Json layout,
                 Json recipe) {
  return {{"schema_version", 1},
          {"kind", "training"},
          {"model", model.name},
          {"cluster", choices.cluster},
          {"calibration", choices.calibration},
          {"stack", choices.stack.empty() ? stack : choices.stack},
          {"layout", std::move(layout)},
          {"recipe", std::move(recipe)},
          {"routing", {{"mode", "balanced"}}}};
}

}  // namespace moesim
