#include "gui/models/latency_model.hpp"

#include <algorithm>
#include <cmath>

#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

QString timeText(double seconds) {
  return QString::fromStdString(metric_text(seconds, MetricUnit::seconds));
}

}  // namespace

void LatencyModel::setDocuments(const DocumentPtr& first, const DocumentPtr& second) {
  beginResetModel();
  m_lines.clear();
  for (const DocumentPtr& document : {first, second}) {
    if (!document) continue;
    for (const LatencyFigure& figure : latencyFigures(document->result()))
      m_lines.append({figure, document->title()});
  }
  // The same figure of two results stands together.
  std::ranges::stable_sort(m_lines, {}, [](const Line& line) {
    static const QStringList kOrder{QStringLiteral("ttft_s"), QStringLiteral("tpot_s"),
                                    QStringLiteral("itl_s"), QStringLiteral("e2e_s")};
    return kOrder.indexOf(line.figure.key);
  });
  endResetModel();
}

int LatencyModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int LatencyModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant LatencyModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const Line& line = m_lines[index.row()];
  const int column = index.column();
  if (role == Qt::TextAlignmentRole && column >= kMean) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole) return line.figure.doc;
  if (role != Qt::DisplayRole) return {};
  if (column == kFigure) return line.figure.name;
  if (column == kResult) return line.title;
  if (column == kLimit) return line.figure.limit ? timeText(*line.figure.limit) : QString();
  const double value = line.figure.values.value(column - kMean, std::nan(""));
  return std::isfinite(value) ? timeText(value) : QString();
}

QVariant LatencyModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  static const char* const kTitles[kNumColumns] = {"Latency", "Result", "Mean", "p50", "p90", "p99", "SLO"};
  return section >= 0 && section < kNumColumns ? QString::fromLatin1(kTitles[section]) : QString();
}

}  // namespace moesim::gui
