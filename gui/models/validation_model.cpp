#include "gui/models/validation_model.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "gui/models/csv_role.hpp"

namespace moesim::gui {
namespace {

QString numberText(double value, MetricUnit unit) {
  return QString::fromStdString(metric_text(value, unit));
}

QString predictedText(const ValidationFigure& figure) {
  if (figure.predicted) return numberText(*figure.predicted, figure.unit);
  if (figure.low && figure.high)
    return QStringLiteral("%1 to %2")
        .arg(numberText(*figure.low, figure.unit), numberText(*figure.high, figure.unit));
  return {};
}

QString errorText(const ValidationFigure& figure) {
  const auto text = [](std::optional<double> error) {
    return error ? QString::fromStdString(signed_percent(*error)) : QString();
  };
  if (figure.predicted) return text(figure.error());
  if (figure.low && figure.high)
    return QStringLiteral("%1 to %2")
        .arg(text(figure.errorOf(figure.low)), text(figure.errorOf(figure.high)));
  return {};
}

QString textOf(const ValidationFigure& figure, int row, int column) {
  switch (column) {
    case ValidationModel::kNumber:
      return QString::number(row + 1);
    case ValidationModel::kCase:
      return figure.id;
    case ValidationModel::kRole:
      return figure.role;
    case ValidationModel::kFigure:
      return figure.metric;
    case ValidationModel::kPublished:
      return numberText(figure.published, figure.unit);
    case ValidationModel::kPredicted:
      return predictedText(figure);
    case ValidationModel::kLow:
      return figure.low ? numberText(*figure.low, figure.unit) : QString();
    case ValidationModel::kHigh:
      return figure.high ? numberText(*figure.high, figure.unit) : QString();
    case ValidationModel::kError:
      return errorText(figure);
    case ValidationModel::kTolerance:
      return figure.tolerance ? numberText(*figure.tolerance, MetricUnit::fraction) : QString();
    case ValidationModel::kStatus:
      return figure.message.isEmpty() ? figure.status
                                      : QStringLiteral("%1: %2").arg(figure.status, figure.message);
    case ValidationModel::kSource:
      return figure.source;
    default:
      return {};
  }
}

/// NaN where the figure has none; nothing for columns of text.
std::optional<double> exactOf(const ValidationFigure& figure, int column) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  switch (column) {
    case ValidationModel::kPublished:
      return figure.published;
    case ValidationModel::kPredicted:
      return figure.predicted.value_or(kNone);
    case ValidationModel::kLow:
      return figure.low.value_or(kNone);
    case ValidationModel::kHigh:
      return figure.high.value_or(kNone);
    case ValidationModel::kError:
      return figure.error().value_or(kNone);
    case ValidationModel::kTolerance:
      return figure.tolerance.value_or(kNone);
    default:
      return {};
  }
}

/// Ranges are sorted by their least value; what has no number comes first.
QVariant sortedBy(const ValidationFigure& figure, int row, int column) {
  if (column == ValidationModel::kNumber) return row;
  const auto exact = exactOf(figure, column);
  if (!exact) return textOf(figure, row, column);
  if (std::isfinite(*exact)) return *exact;
  constexpr double kFirst = -std::numeric_limits<double>::infinity();
  if (column == ValidationModel::kPredicted) return figure.low.value_or(kFirst);
  if (column == ValidationModel::kError) return figure.errorOf(figure.low).value_or(kFirst);
  return kFirst;
}

}  // namespace

void ValidationModel::setFigures(const QVector<ValidationFigure>& figures) {
  beginResetModel();
  m_figures = figures;
  endResetModel();
}

int ValidationModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_figures.size());
}

int ValidationModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant ValidationModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const ValidationFigure& figure = m_figures[index.row()];
  const int column = index.column();
  if (role == Qt::DisplayRole) return textOf(figure, index.row(), column);
  if (role == Qt::ToolTipRole) return column == kSource ? figure.source : figure.title;
  if (role == Qt::TextAlignmentRole && (column == kNumber || (column >= kPublished && column <= kTolerance)))
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == kSortRole) return sortedBy(figure, index.row(), column);
  const auto exact = role == kCsvRole ? exactOf(figure, column) : std::nullopt;
  return exact ? QVariant(*exact) : QVariant();
}

QVariant ValidationModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  static const char* const kTitles[kNumColumns] = {"#",         "Case",      "Role",   "Figure",
                                                   "Published", "Predicted", "Low",    "High",
                                                   "Error",     "Tolerance", "Status", "Source"};
  return section >= 0 && section < kNumColumns ? QString::fromLatin1(kTitles[section]) : QString();
}

}  // namespace moesim::gui
