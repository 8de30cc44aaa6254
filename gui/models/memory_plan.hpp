#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <map>
#include <optional>

#include "base/json.hpp"

namespace moesim::gui {

/// What takes the memory of one GPU: of a pipeline rank, of a serving pool.
struct MemoryColumn {
  QString name;                     ///< "0", "decode"
  double total = 0;                 ///< bytes
  std::map<QString, double> items;  ///< bytes by what takes them; empty where nobody said
};

/// Memory by pipeline rank or pool, of a result or of a plan. Numbers that are none are left out.
struct MemoryPicture {
  QString axis;  ///< what a column is: "pipeline rank", "pool"
  QVector<MemoryColumn> columns;
  QStringList items;               ///< every item, in the order of the document
  std::optional<double> capacity;  ///< of a GPU in bytes, the least of the columns'
  double reserve = 0;              ///< bytes of the capacity that no item may take
  [[nodiscard]] bool hasItems() const { return !items.isEmpty(); }
};

/// From `summary.memory_per_gpu_B` of a result: totals by stage, and items where the result has them.
MemoryPicture memoryOfResult(const Json& result);

/// From a document of `moesim plan --json`, of a training or a serving scenario.
MemoryPicture memoryOfPlan(const Json& plan);

/// "attention latents" of "attention_latents".
QString memoryItemLabel(const QString& item);

}  // namespace moesim::gui
