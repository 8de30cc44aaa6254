#include "gui/models/memory_plan.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

const Json kNothing = Json::object();

const Json& objectAt(const Json& parent, const char* key) {
  const auto at = parent.is_object() ? parent.find(key) : parent.end();
  return parent.is_object() && at != parent.end() ? *at : kNothing;
}

std::optional<double> numberAt(const Json& parent, const char* key) {
  const Json& value = objectAt(parent, key);
  if (!value.is_number()) return {};
  const double number = value.get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

void addItems(const Json& items, MemoryColumn& column, MemoryPicture& picture) {
  if (!items.is_object()) return;
  for (const auto& [key, value] : items.items()) {
    if (!value.is_number() || !std::isfinite(value.get<double>())) continue;
    const QString name = QString::fromStdString(key);
    column.items[name] = value.get<double>();
    if (!picture.items.contains(name)) picture.items.append(name);
  }
}

void takeCapacity(std::optional<double> capacity, MemoryPicture& picture) {
  if (capacity) picture.capacity = std::min(*capacity, picture.capacity.value_or(*capacity));
}

double sum(const MemoryColumn& column) {
  double total = 0;
  for (const auto& [name, bytes] : column.items) total += bytes;
  return total;
}

MemoryPicture memoryOfPools(const Json& pools) {
  MemoryPicture picture;
  picture.axis = QStringLiteral("pool");
  for (const auto& [name, pool] : pools.items()) {
    const Json& memory = objectAt(pool, "memory");
    MemoryColumn column;
    column.name = QString::fromStdString(name);
    addItems(objectAt(memory, "items_B"), column, picture);
    column.total = sum(column);
    takeCapacity(numberAt(memory, "capacity_B"), picture);
    if (!column.items.empty()) picture.columns.append(column);
  }
  return picture;
}

}  // namespace

MemoryPicture memoryOfResult(const Json& result) {
  const Json& memory = objectAt(objectAt(result, "summary"), "memory_per_gpu_B");
  MemoryPicture picture;
  picture.axis = QStringLiteral("pipeline rank");
  const Json& stages = objectAt(memory, "by_stage");
  if (stages.is_array()) {
    for (std::size_t i = 0; i < stages.size(); ++i) {
      if (!stages[i].is_number() || !std::isfinite(stages[i].get<double>())) continue;
      picture.columns.append({QString::number(i), stages[i].get<double>(), {}});
    }
  }
  return picture;
}

MemoryPicture memoryOfPlan(const Json& plan) {
  const Json& pools = objectAt(plan, "pools");
  if (pools.is_object() && !pools.empty()) return memoryOfPools(pools);
  MemoryPicture picture;
  picture.axis = QStringLiteral("pipeline rank");
  const Json& memory = objectAt(plan, "memory");
  takeCapacity(numberAt(memory, "capacity_B"), picture);
  picture.reserve = numberAt(memory, "reserve_B").value_or(0);
  const Json& ranks = objectAt(memory, "ranks");
  if (!ranks.is_array()) return picture;
  for (const Json& rank : ranks) {
    MemoryColumn column;
    column.name = QString::number(picture.columns.size());
    addItems(objectAt(rank, "items_B"), column, picture);
    column.total = numberAt(rank, "total_B").value_or(sum(column));
    picture.columns.append(column);
  }
  return picture;
}

QString memoryItemLabel(const QString& item) {
  return QString::fromStdString(metric_label(item.toStdString()));
}

}  // namespace moesim::gui
