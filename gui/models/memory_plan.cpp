#include "gui/models/memory_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gui/models/result_json.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

void addItems(const Json& items, MemoryColumn& column, MemoryPicture& picture) {
  if (!items.is_object()) return;
  for (const auto& [key, value] : items.items()) {
    const auto bytes = numberOf(value);
    if (!bytes) continue;
    const QString name = QString::fromStdString(key);
    column.items[name] = *bytes;
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
    const Json& memory = childOf(pool, "memory");
    MemoryColumn column;
    column.name = QString::fromStdString(name);
    addItems(childOf(memory, "items_B"), column, picture);
    column.total = sum(column);
    takeCapacity(numberIn(memory, "capacity_B"), picture);
    if (!column.items.empty()) picture.columns.append(column);
  }
  return picture;
}

}  // namespace

MemoryPicture memoryOfResult(const Json& result) {
  const Json& memory = childOf(childOf(result, "summary"), "memory_per_gpu_B");
  MemoryPicture picture;
  picture.axis = QStringLiteral("pipeline rank");
  const Json& stages = childOf(memory, "by_stage");
  if (stages.is_array()) {
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const auto bytes = numberOf(stages[i]);
      if (bytes) picture.columns.append({QString::number(i), *bytes, {}});
    }
  }
  return picture;
}

MemoryPicture memoryOfPlan(const Json& plan) {
  const Json& pools = childOf(plan, "pools");
  if (pools.is_object() && !pools.empty()) return memoryOfPools(pools);
  MemoryPicture picture;
  picture.axis = QStringLiteral("pipeline rank");
  const Json& memory = childOf(plan, "memory");
  takeCapacity(numberIn(memory, "capacity_B"), picture);
  picture.reserve = numberIn(memory, "reserve_B").value_or(0);
  const Json& ranks = childOf(memory, "ranks");
  if (!ranks.is_array()) return picture;
  for (const Json& rank : ranks) {
    MemoryColumn column;
    column.name = QString::number(picture.columns.size());
    addItems(childOf(rank, "items_B"), column, picture);
    column.total = numberIn(rank, "total_B").value_or(sum(column));
    picture.columns.append(column);
  }
  return picture;
}

QString memoryItemLabel(const QString& item) {
  return QString::fromStdString(metric_label(item.toStdString()));
}

}  // namespace moesim::gui
