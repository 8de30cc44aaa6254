#include "gui/models/validation_model.hpp"

#include <limits>

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
  if (role != kSortRole) return {};
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  switch (column) {
    case kNumber:
      return index.row();
    case kPublished:
      return figure.published;
    case kPredicted:
      return figure.predicted.value_or(figure.low.value_or(kNone));
    case kError:
      return figure.error().value_or(figure.errorOf(figure.low).value_or(kNone));
    case kTolerance:
      return figure.tolerance.value_or(kNone);
    default:
      return textOf(figure, index.row(), column);
  }
}

QVariant ValidationModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  static const char* const kTitles[kNumColumns] = {"#",         "Case",  "Role",      "Figure", "Published",
                                                   "Predicted", "Error", "Tolerance", "Status", "Source"};
  return section >= 0 && section < kNumColumns ? QString::fromLatin1(kTitles[section]) : QString();
}

}  // namespace moesim::gui
