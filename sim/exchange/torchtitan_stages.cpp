#include "sim/exchange/torchtitan_stages.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace moesim {
namespace {

struct Schedule {
  std::string_view theirs;
  std::string_view ours;
  int stages_per_rank;  ///< what torchtitan takes where layers_per_stage is not given
};

constexpr std::array<Schedule, 5> kSchedules{{{"1F1B", "1f1b", 1},
                                              {"GPipe", "gpipe", 1},
                                              {"Interleaved1F1B", "interleaved_1f1b", 2},
                                              {"ZBVZeroBubble", "zbv", 2},
                                              {"DualPipeV", "dualpipev", 2}}};
constexpr const char* kPrefix = "parallelism.pipeline_parallel_";
constexpr const char* kParts = "parallelism.module_fqns_per_model_part";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

const Schedule& schedule_of(TomlKeys& keys) {
  const std::string name = std::string(kPrefix) + "schedule";
  const std::string given = keys.text(name).value_or("1F1B");
  for (const Schedule& row : kSchedules) {
    if (lower(row.theirs) == lower(given)) return row;  // PyTorch takes any case
  }
  keys.refuse(name, fmt::format("'{}' is not modelled", given),
              "1F1B, GPipe, Interleaved1F1B, ZBVZeroBubble or DualPipeV");
}

/// Layers as evenly as possible, where the embedding counts as `first` layers and the head as `last`.
std::vector<long> even_split(TomlKeys& keys, long num_layers, long num_stages, long first, long last) {
  if (num_stages == 1) return {num_layers};
  const long effective = num_layers + first + last;
  std::vector<long> layers(static_cast<std::size_t>(num_stages), effective / num_stages);
  for (std::size_t s = 0; s < static_cast<std::size_t>(effective % num_stages); ++s) ++layers[s];
  layers.front() -= first;
  layers.back() -= last;
  if (*std::ranges::min_element(layers) < 0 || effective < num_stages)
    keys.refuse(std::string(kPrefix) + "degree",
                fmt::format("{} layers do not fill {} stages", num_layers, num_stages), "fewer stages");
  return layers;
}

std::vector<long> by_rule(TomlKeys& keys, long num_layers, long pp, const Schedule& schedule) {
  const long first = keys.number(std::string(kPrefix) + "first_stage_less_layers", 0).value_or(1);
  const long last = keys.number(std::string(kPrefix) + "last_stage_less_layers", 0).value_or(1);
  const std::string name = std::string(kPrefix) + "layers_per_stage";
  const auto per_stage = keys.number(name);
  if (!per_stage) return even_split(keys, num_layers, pp * schedule.stages_per_rank, first, last);
  const long num_stages = (num_layers + first + last + *per_stage - 1) / *per_stage;
  const long per_rank = num_stages / pp;
  const bool may_be_more = schedule.ours == "interleaved_1f1b";
  if (num_stages % pp != 0 || (may_be_more ? per_rank < 2 : per_rank != schedule.stages_per_rank))
    keys.refuse(name,
                fmt::format("{} a stage make {} stages of {} layers, which do not fit {} on {} ranks",
                            *per_stage, num_stages, num_layers, schedule.theirs, pp),
                "see torchtitan's pipeline_parallel.py: the embedding and the head count as layers");
  return even_split(keys, num_layers, num_stages, first, last);
}

/// Layers between the points where stages begin: "layers.4" and so on.
std::vector<long> by_points(TomlKeys& keys, const std::string& name, long num_layers) {
  std::vector<long> layers;
  long before = 0;
  for (const std::string& point : keys.texts(name)) {
    const bool is_layer =
        point.starts_with("layers.") && point.size() > 7 && point.size() < 12 &&
        std::ranges::all_of(point.substr(7), [](unsigned char c) { return std::isdigit(c); });
    if (!is_layer) keys.refuse(name, fmt::format("'{}' is no layer", point), "\"layers.4\"");
    const long layer = std::stol(point.substr(7));
    if (layer < before || layer > num_layers)
      keys.refuse(name, fmt::format("'{}' is out of order or the model", point), "");
    layers.push_back(layer - before);
    before = layer;
  }
  layers.push_back(num_layers - before);
  return layers;
}

std::vector<long> by_parts(TomlKeys& keys, long num_layers) {
  std::vector<long> layers;
  long next = 0;
  for (const Json& part : keys.value(kParts)) {
    const long before = next;
    for (const Json& module : part) {
      const std::string name = module.is_string() ? module.get<std::string>() : "";
      if (!name.starts_with("layers.")) continue;
      if (name != fmt::format("layers.{}", next))
        keys.refuse(kParts, fmt::format("'{}' where layers.{} is next", name, next), "layers in order");
      ++next;
    }
    layers.push_back(next - before);
  }
  if (next != num_layers)
    keys.refuse(kParts, fmt::format("{} layers in all; the model has {}", next, num_layers), "");
  return layers;
}

}  // namespace

std::string torchtitan_schedule(const std::string& schedule) {
  const auto found = std::ranges::find(kSchedules, schedule, &Schedule::ours);
  return found == kSchedules.end() ? "" : std::string(found->theirs);
}

void add_torchtitan_stages(TomlKeys& keys, const ModelSpec& model, long pp, Json& layout) {
  const Schedule schedule = schedule_of(keys);
  const std::string points = std::string(kPrefix) + "split_points";
  for (const char* name :
       {"split_points", "layers_per_stage", "first_stage_less_layers", "last_stage_less_layers"})
    keys.has(std::string(kPrefix) + name);  // understood, whichever of them decides
  keys.has(kParts);
  layout["schedule"] = std::string(pp == 1 ? "1f1b" : schedule.ours);
  if (pp == 1) return;
  const std::vector<long> layers = !keys.is_off(kParts)   ? by_parts(keys, model.num_layers)
                                   : !keys.is_off(points) ? by_points(keys, points, model.num_layers)
                                                          : by_rule(keys, model.num_layers, pp, schedule);
  const auto num_stages = static_cast<long>(layers.size());
  if (num_stages % pp != 0 ||
      (num_stages != pp * schedule.stages_per_rank && schedule.ours != "interleaved_1f1b"))
    keys.refuse(std::string(kPrefix) + "degree",
                fmt::format("{} stages do not fit {} on {} ranks", num_stages, schedule.theirs, pp), "");
  if (schedule.ours == "interleaved_1f1b") layout["vpp"] = num_stages / pp;
  layout["stage_layers"] = layers;
}

Json torchtitan_parts(const Json& stage_layers) {
  Json parts = Json::array();
  long next = 0;
  for (std::size_t s = 0; s < stage_layers.size(); ++s) {
    Json part = Json::array();
    if (s == 0) part.push_back("tok_embeddings");
    for (const long end = next + stage_layers[s].get<long>(); next < end; ++next)
      part.push_back(fmt::format("layers.{}", next));
    if (s + 1 == stage_layers.size()) part.insert(part.end(), {Json("norm"), Json("output")});
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace moesim
