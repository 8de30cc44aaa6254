#include "gui/models/sweep_model.hpp"

#include <algorithm>
#include <cmath>

#include "reports/metric.hpp"

namespace moesim::gui {

void SweepModel::setCases(const SweepCases& cases) {
  beginResetModel();
  m_cases = cases;
  m_labels = axisLabels(cases.axes);
  m_hasFailures =
      std::ranges::any_of(cases.lines, [](const SweepLine& line) { return !line.message.isEmpty(); });
  endResetModel();
}

int SweepModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_cases.lines.size());
}

int SweepModel::columnCount(const QModelIndex& parent) const {
  if (parent.isValid()) return 0;
  return static_cast<int>(1 + m_cases.axes.size() + m_cases.figures.size()) + (m_hasFailures ? 1 : 0);
}

int SweepModel::figureAt(int column) const {
  const auto figure = column - 1 - static_cast<int>(m_cases.axes.size());
  return figure >= 0 && figure < m_cases.figures.size() ? figure : -1;
}

QString SweepModel::textAt(const SweepLine& line, int column) const {
  if (column == 0) return line.name;
  if (column <= m_cases.axes.size()) return line.changes[column - 1];
  const int figure = figureAt(column);
  if (figure < 0) return line.message;
  const double value = line.figures[figure];
  if (!std::isfinite(value)) return {};
  return QString::fromStdString(metric_text(value, unit_of_key(m_cases.figures[figure].toStdString())));
}

QVariant SweepModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const SweepLine& line = m_cases.lines[index.row()];
  const int column = index.column();
  const int figure = figureAt(column);
  switch (role) {
    case Qt::DisplayRole:
      return textAt(line, column);
    case Qt::ToolTipRole:
      return line.message.isEmpty() ? textAt(line, column) : line.message;
    case Qt::TextAlignmentRole:
      return figure >= 0 ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case kSortRole:
      if (figure >= 0) return line.figures[figure];
      if (column > 0 && column <= m_cases.axes.size() && std::isfinite(line.numbers[column - 1]))
        return line.numbers[column - 1];
      return textAt(line, column);
    default:
      return {};
  }
}

QVariant SweepModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const int figure = figureAt(section);
  const bool isAxis = section > 0 && section <= m_cases.axes.size();
  if (role == Qt::ToolTipRole) {
    if (figure >= 0) return m_cases.figures[figure];
    return isAxis ? m_cases.axes[section - 1] : QString();
  }
  if (role != Qt::DisplayRole) return {};
  if (section == 0) return QStringLiteral("Case");
  if (isAxis) return m_labels[section - 1];
  return figure >= 0 ? figureLabel(m_cases.figures[figure]) : QStringLiteral("Failed because");
}

}  // namespace moesim::gui
