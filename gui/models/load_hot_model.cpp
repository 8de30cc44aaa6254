#include "gui/models/load_hot_model.hpp"

#include <algorithm>

#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

double keyOf(const LoadHotModel::Row& row, int column) {
  switch (column) {
    case LoadHotModel::kElement:
      return row.cell.element;
    case LoadHotModel::kLayer:
      return row.cell.layer;
    case LoadHotModel::kStep:
      return static_cast<double>(row.cell.step);
    case LoadHotModel::kTokens:
      return row.cell.tokens;
    case LoadHotModel::kSide:
      return row.side;
    default:
      return row.cell.overMean;
  }
}

QString groupedText(std::int64_t number) {
  return QString::fromStdString(pictures::grouped(number));
}

QString capitalized(const QString& text) {
  return text.isEmpty() ? text : text.at(0).toUpper() + text.mid(1);
}

}  // namespace

void LoadHotModel::setScene(const ScenePtr& scene, const QString& noun, const QStringList& titles) {
  beginResetModel();
  m_scene = scene;
  m_noun = noun;
  m_titles = titles;
  fill();
  endResetModel();
}

void LoadHotModel::setColumn(std::optional<int> column) {
  if (column == m_column) return;
  beginResetModel();
  m_column = column;
  fill();
  endResetModel();
}

void LoadHotModel::fill() {
  m_rows.clear();
  if (!m_scene) return;
  for (int side = 0; side < m_scene->numSides(); ++side) {
    const LoadHistory& history = *m_scene->side(side);
    const bool isOneStep = side == 0 && m_scene->spec().firstStep;
    if (m_column || isOneStep) {
      const std::int64_t step = m_scene->stepAt(side, m_column.value_or(0));
      for (const HotCell& cell : hottestAt(history, step, kMaxRows)) m_rows.append({cell, side});
    } else {
      for (const HotCell& cell : history.peaks()) m_rows.append({cell, side});
    }
  }
  sortRows();
}

void LoadHotModel::sort(int column, Qt::SortOrder order) {
  Q_EMIT layoutAboutToBeChanged();
  m_sortColumn = column;
  m_sortOrder = order;
  sortRows();
  Q_EMIT layoutChanged();
}

void LoadHotModel::sortRows() {
  std::ranges::stable_sort(m_rows, [this](const Row& one, const Row& other) {
    const double left = keyOf(one, m_sortColumn);
    const double right = keyOf(other, m_sortColumn);
    return m_sortOrder == Qt::AscendingOrder ? left < right : left > right;
  });
}

int LoadHotModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LoadHotModel::columnCount(const QModelIndex& parent) const {
  if (parent.isValid()) return 0;
  return m_scene && m_scene->numSides() == 2 ? kNumColumns : kSide;
}

QString LoadHotModel::textOf(const Row& row, int column) const {
  switch (column) {
    case kElement:
      return QString::number(row.cell.element);
    case kLayer:
      return row.cell.layer < 0 ? tr("all") : QString::number(row.cell.layer);
    case kStep:
      return groupedText(row.cell.step);
    case kTokens:
      return groupedText(row.cell.tokens);
    case kOverMean:
      return QStringLiteral("%1").arg(static_cast<double>(row.cell.overMean), 0, 'f', 2);
    default:
      return m_titles.value(row.side);
  }
}

QVariant LoadHotModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const Row& row = m_rows[index.row()];
  if (role == Qt::DisplayRole) return textOf(row, index.column());
  if (role == Qt::TextAlignmentRole && index.column() != kSide)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole)
    return tr("%1 %2 of %3 at step %4: %5 tokens, %6 x the mean")
        .arg(m_noun, textOf(row, kElement), layerText(row.cell.layer), textOf(row, kStep),
             textOf(row, kTokens), textOf(row, kOverMean));
  return {};
}

QVariant LoadHotModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  switch (section) {
    case kElement:
      return capitalized(m_noun);
    case kLayer:
      return tr("Layer");
    case kStep:
      return tr("Step");
    case kTokens:
      return tr("Tokens");
    case kOverMean:
      return tr("Load / mean");
    case kSide:
      return tr("Of");
    default:
      return {};
  }
}

}  // namespace moesim::gui
