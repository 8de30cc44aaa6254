#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include "base/json.hpp"
#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// What takes the memory of one GPU of a pipeline rank or of a pool, bytes.
struct MemoryStack {
  QString label;          ///< "rank 3", "decode"
  QVector<double> bytes;  ///< by item of PlanPicture::items
  double total = 0;
  double capacity = 0;  ///< what a GPU has
  double reserve = 0;   ///< of it, not to be used
  [[nodiscard]] bool fits() const { return total + reserve <= capacity; }
};

/// GPUs that work alike: a pipeline rank, a pool, expert groups.
struct RankBlock {
  QString label;
  QString doc;        ///< layers and groups, for a tooltip
  int numGroups = 0;  ///< expert groups
  int groupSize = 0;  ///< GPUs of each
};

/// Counts of a network for a schematic picture.
struct TopologyCounts {
  QString cluster;  ///< its name, where a plan has networks of several pools
  QString kind;
  int gpus = 0;
  int nodes = 0;
  int switches = 0;
  int cables = 0;  ///< between switches
  QString use;     ///< "decode 36 nodes, prefill 28 nodes"; empty where there are no pools
};

/// What a plan document (`moesim plan --json`) says, for pictures. Parts that it lacks are empty.
struct PlanPicture {
  QStringList items;  ///< of memory: the largest first, at most eight, the last "other" where there are more
  QVector<MemoryStack> memory;
  QVector<RankBlock> blocks;
  QVector<TopologyCounts> topologies;
  QStringList warnings;
};

PlanPicture planPicture(const Json& plan);

/// The figures of a plan as a document without records, for FigureModel.
DocumentPtr planFigures(const Json& plan);

}  // namespace moesim::gui
