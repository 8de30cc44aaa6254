#include "gui/models/sweep_model.hpp"

#include <QBrush>
#include <QGuiApplication>
#include <QPalette>
#include <algorithm>
#include <cmath>
#include <limits>

#include "gui/models/csv_role.hpp"
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

SweepModel::Column SweepModel::columnAt(int column) const {
  if (column == 0) return {Part::name, 0};
  if (m_hasFailures && column == 1) return {Part::message, 0};
  const int index = column - (m_hasFailures ? 2 : 1);
  const auto numAxes = static_cast<int>(m_cases.axes.size());
  return index < numAxes ? Column{Part::axis, index} : Column{Part::figure, index - numAxes};
}

QString SweepModel::textAt(const SweepLine& line, Column column) const {
  switch (column.part) {
    case Part::name:
      return lineTitle(m_cases, line);
    case Part::message:
      return faultLines(line).value(0);
    case Part::axis:
      return line.changes[column.index];
    case Part::figure:
      break;
  }
  const double value = line.figures[column.index];
  if (!std::isfinite(value)) return {};
  return QString::fromStdString(metric_text(value, unit_of_key(m_cases.figures[column.index].toStdString())));
}

QVariant SweepModel::sortedBy(const SweepLine& line, Column column) const {
  constexpr double kFirst = -std::numeric_limits<double>::infinity();
  if (column.part == Part::figure) {
    const double value = line.figures[column.index];
    return std::isfinite(value) ? value : kFirst;
  }
  if (column.part == Part::axis && std::isfinite(line.numbers[column.index]))
    return line.numbers[column.index];
  return textAt(line, column);
}

QVariant SweepModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const SweepLine& line = m_cases.lines[index.row()];
  const Column column = columnAt(index.column());
  const bool isFigure = column.part == Part::figure;
  switch (role) {
    case Qt::DisplayRole:
      return textAt(line, column);
    case Qt::ToolTipRole:
      if (!line.message.isEmpty()) return line.message;
      return column.part == Part::name ? line.name : textAt(line, column);
    case Qt::ForegroundRole:
      if (line.message.isEmpty()) return {};
      return QBrush(QGuiApplication::palette().color(QPalette::Disabled, QPalette::Text));
    case Qt::TextAlignmentRole:
      return isFigure ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case kSortRole:
      return sortedBy(line, column);
    case kCsvRole:
      if (isFigure) return line.figures[column.index];
      return column.part == Part::name ? QVariant(line.name) : QVariant();
    default:
      return {};
  }
}

QVariant SweepModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const Column column = columnAt(section);
  if (role == Qt::ToolTipRole || role == kCsvRole) {
    if (column.part == Part::figure) return m_cases.figures[column.index];
    return column.part == Part::axis ? QVariant(m_cases.axes[column.index]) : QVariant();
  }
  if (role != Qt::DisplayRole) return {};
  switch (column.part) {
    case Part::name:
      return tr("Case");
    case Part::message:
      return tr("Failed because");
    case Part::axis:
      return m_labels[column.index];
    case Part::figure:
      return figureLabel(m_cases.figures[column.index]);
  }
  return {};
}

}  // namespace moesim::gui
