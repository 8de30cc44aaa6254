#include "gui/models/scenario_plan.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace moesim::gui {
namespace {

constexpr std::size_t kMaxItems = 8;

QString text(const char* source) {
  return QCoreApplication::translate("PlanPicture", source);
}

/// The value at a pointer if it is a number, else 0.
double number(const Json& object, const char* pointer) {
  const Json::json_pointer place(pointer);
  if (!object.contains(place) || !object[place].is_number()) return 0;
  const double value = object[place].get<double>();
  return std::isfinite(value) ? value : 0;
}

int count(const Json& object, const char* pointer) {
  return static_cast<int>(std::clamp(number(object, pointer), 0.0, 1e9));
}

const Json* part(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

/// Items of one stack by name.
using Items = std::map<std::string, double>;

Items itemsOf(const Json* items) {
  Items found;
  if (items == nullptr || !items->is_object()) return found;
  for (const auto& [name, bytes] : items->items())
    if (bytes.is_number() && bytes.get<double>() > 0) found[name] = bytes.get<double>();
  return found;
}

struct Source {
  MemoryStack stack;
  Items items;
};

std::vector<Source> memorySources(const Json& plan) {
  std::vector<Source> sources;
  const Json* memory = part(plan, "memory");
  if (const Json* ranks = memory ? part(*memory, "ranks") : nullptr; ranks && ranks->is_array()) {
    for (std::size_t i = 0; i < ranks->size(); ++i) {
      Source source;
      source.stack.label = text("rank %1").arg(i);
      source.stack.capacity = number(*memory, "/capacity_B");
      source.stack.reserve = number(*memory, "/reserve_B");
      source.items = itemsOf(part((*ranks)[i], "items_B"));
      sources.push_back(std::move(source));
    }
  }
  if (const Json* pools = part(plan, "pools"); pools && pools->is_object()) {
    for (const auto& [name, pool] : pools->items()) {
      const Json* own = part(pool, "memory");
      if (own == nullptr) continue;
      Source source;
      source.stack.label = QString::fromStdString(name);
      source.stack.capacity = number(*own, "/capacity_B");
      source.items = itemsOf(part(*own, "items_B"));
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

void addMemory(const Json& plan, PlanPicture& picture) {
  std::vector<Source> sources = memorySources(plan);
  Items largest;
  for (const Source& source : sources)
    for (const auto& [name, bytes] : source.items) largest[name] = std::max(largest[name], bytes);
  std::vector<std::pair<std::string, double>> order(largest.begin(), largest.end());
  std::ranges::stable_sort(order, std::ranges::greater(), &std::pair<std::string, double>::second);
  const bool hasOther = order.size() > kMaxItems;
  if (hasOther) order.resize(kMaxItems - 1);
  for (const auto& [name, bytes] : order)
    picture.items.append(QString::fromStdString(name).replace(QLatin1Char('_'), QLatin1Char(' ')));
  if (hasOther) picture.items.append(text("other"));
  for (Source& source : sources) {
    for (const auto& [name, bytes] : source.items) source.stack.total += bytes;
    double shown = 0;
    for (const auto& [name, bytes] : order) {
      source.stack.bytes.append(source.items[name]);
      shown += source.items[name];
    }
    if (hasOther) source.stack.bytes.append(source.stack.total - shown);
    picture.memory.append(source.stack);
  }
}

/// "layers 4 to 7: 4 MoE".
QString stageText(const Json& stage) {
  const int dense = count(stage, "/dense_layers");
  const int moe = count(stage, "/moe_layers");
  const int first = count(stage, "/first_layer");
  QStringList parts;
  if (dense > 0) parts.append(text("%1 dense").arg(dense));
  if (moe > 0) parts.append(text("%1 MoE").arg(moe));
  if (const Json* embedding = part(stage, "embedding"); embedding && embedding->is_boolean() && *embedding)
    parts.append(text("embedding"));
  if (const int mtp = count(stage, "/mtp_modules"); mtp > 0) parts.append(text("%1 MTP").arg(mtp));
  if (count(stage, "/heads") > 0) parts.append(text("head"));
  const QString layers =
      dense + moe == 0 ? text("no layers") : text("layers %1 to %2").arg(first).arg(first + dense + moe - 1);
  return parts.isEmpty() ? layers : layers + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
}

/// The stages that a pipeline rank holds, a line each.
QString stagesText(const Json& plan, std::size_t rank) {
  QStringList lines;
  const Json::json_pointer place("/memory/ranks/" + std::to_string(rank) + "/stages");
  const Json* stages = part(plan, "stages");
  if (!plan.contains(place) || !plan[place].is_array() || stages == nullptr) return {};
  for (const Json& stage : plan[place]) {
    if (!stage.is_number_unsigned() || !stages->is_array() || stage.get<std::size_t>() >= stages->size())
      continue;
    lines.append(text("stage %1, %2")
                     .arg(stage.get<std::size_t>())
                     .arg(stageText((*stages)[stage.get<std::size_t>()])));
  }
  return lines.join(QLatin1Char('\n'));
}

/// GPUs of an expert group, with its tensor parallelism, and how many groups there are in all.
std::pair<int, int> expertGroups(const Json& groups) {
  const int tensor = std::max(1, count(groups, "/expert_tensor/size"));
  return {count(groups, "/expert/size") * tensor, count(groups, "/expert/groups") / tensor};
}

void addBlocks(const Json& plan, PlanPicture& picture) {
  if (const Json* pools = part(plan, "pools"); pools && pools->is_object()) {
    for (const auto& [name, pool] : pools->items()) {
      const int units = count(pool, "/units");
      const int gpus = count(pool, "/gpus_per_unit");
      picture.blocks.append(
          {QString::fromStdString(name), text("%1 units of %2 GPUs").arg(units).arg(gpus), units, gpus});
    }
    return;
  }
  const Json* groups = part(plan, "process_groups");
  if (groups == nullptr) return;
  const auto [size, number] = expertGroups(*groups);
  if (size == 0) return;
  const int ranks = count(*groups, "/pipeline/size");
  if (ranks == 0) {
    picture.blocks.append({text("expert groups"), {}, number, size});
    return;
  }
  for (int rank = 0; rank < ranks; ++rank)
    picture.blocks.append(
        {text("rank %1").arg(rank), stagesText(plan, static_cast<std::size_t>(rank)), number / ranks, size});
}

TopologyCounts countsOf(const Json& topology) {
  TopologyCounts counts;
  if (const Json* kind = part(topology, "kind"); kind && kind->is_string())
    counts.kind = QString::fromStdString(kind->get<std::string>());
  counts.gpus = count(topology, "/gpus");
  counts.nodes = count(topology, "/nodes");
  counts.switches = count(topology, "/switches");
  counts.cables = count(topology, "/switch_cables");
  return counts;
}

/// Nodes that the pools on a cluster take.
QString useOf(const Json& plan, const std::string& cluster) {
  QStringList uses;
  const Json* pools = part(plan, "pools");
  if (pools == nullptr || !pools->is_object()) return {};
  for (const auto& [name, pool] : pools->items()) {
    const Json* own = part(pool, "cluster");
    if (own == nullptr || *own != cluster) continue;
    const double nodes = number(pool, "/units") * number(pool, "/nodes_per_unit");
    uses.append(text("%1 %2 nodes").arg(QString::fromStdString(name)).arg(nodes));
  }
  return uses.join(QStringLiteral(", "));
}

void addTopologies(const Json& plan, PlanPicture& picture) {
  const auto add = [&](const TopologyCounts& counts) {
    if (counts.gpus > 0) picture.topologies.append(counts);
  };
  if (const Json* topology = part(plan, "topology")) add(countsOf(*topology));
  const Json* all = part(plan, "topologies");
  if (all == nullptr || !all->is_object()) return;
  for (const auto& [cluster, topology] : all->items()) {
    TopologyCounts counts = countsOf(topology);
    counts.cluster = QString::fromStdString(cluster);
    counts.use = useOf(plan, cluster);
    add(counts);
  }
}

}  // namespace

PlanPicture planPicture(const Json& plan) {
  PlanPicture picture;
  if (!plan.is_object()) return picture;
  addMemory(plan, picture);
  addBlocks(plan, picture);
  addTopologies(plan, picture);
  if (const Json* warnings = part(plan, "warnings"); warnings && warnings->is_array())
    for (const Json& one : *warnings)
      if (one.is_string()) picture.warnings.append(QString::fromStdString(one.get<std::string>()));
  return picture;
}

DocumentPtr planFigures(const Json& plan) {
  Json figures = Json::object();
  if (plan.is_object()) {
    for (const auto& [key, value] : plan.items()) {
      if (key == "stages" || key == "warnings" || key == "violations") continue;
      figures[key] = value;
      if (figures[key].is_object()) figures[key].erase("ranks");
    }
  }
  RunParts parts;
  parts.result = std::make_shared<const Json>(Json{{"summary", std::move(figures)}});
  return std::make_shared<const RunDocument>(std::move(parts));
}

}  // namespace moesim::gui
