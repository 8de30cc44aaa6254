#include "gui/models/span_totals_model.hpp"

#include <algorithm>
#include <array>

#include "gui/models/span_text.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

constexpr int kCellColumns = 3;

QString bubbleName() {
  return SpanTotalsModel::tr("idle (bubble)");
}

QString percent(double share) {
  return QString::fromStdString(metric_text(share, MetricUnit::fraction));
}

}  // namespace

SpanTotalsModel::Line& SpanTotalsModel::line(const QString& lane, const QString& phase) {
  const auto at =
      std::ranges::find_if(m_lines, [&](const Line& one) { return one.lane == lane && one.phase == phase; });
  if (at != m_lines.end()) return *at;
  m_lines.append(Line{lane, phase, QVector<Cell>(m_titles.size())});
  return m_lines.last();
}

void SpanTotalsModel::setSides(const QVector<Side>& sides) {
  beginResetModel();
  m_lines.clear();
  m_titles.clear();
  m_isOfRequests =
      std::ranges::any_of(sides, [](const Side& side) { return isOfRequests(side.document->names()); });
  for (const Side& side : sides) m_titles.append(side.document->title());
  for (qsizetype i = 0; i < sides.size(); ++i) {
    const pictures::RangeTotals& totals = sides[i].totals;
    const double all = totals.length_s * static_cast<double>(totals.num_gpus);
    const auto cell = [&](double seconds, std::size_t numSpans) {
      return Cell{seconds, all > 0 ? seconds / all : 0, numSpans};
    };
    if (computationLane(sides[i].document->names())) {
      line(tr("all"), tr("computation")).cells[i] = cell(totals.computation_s, 0);
      line(tr("all"), tr("exposed communication")).cells[i] = cell(totals.exposed_s, 0);
      line(tr("all"), bubbleName()).cells[i] = cell(totals.idle_s, 0);
    }
  }
  for (qsizetype i = 0; i < sides.size(); ++i) {
    const pictures::RangeTotals& totals = sides[i].totals;
    const SpanNames& names = sides[i].document->names();
    const double all = totals.length_s * static_cast<double>(totals.num_gpus);
    for (const pictures::PhaseTotal& total : totals.phases)
      line(laneText(names, total.lane), phaseText(names, total.phase)).cells[i] =
          Cell{total.seconds, all > 0 ? total.seconds / all : 0, total.num_spans};
  }
  endResetModel();
}

int SpanTotalsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int SpanTotalsModel::columnCount(const QModelIndex& parent) const {
  if (parent.isValid() || m_titles.isEmpty()) return 0;
  return 2 + kCellColumns * static_cast<int>(m_titles.size()) + (m_titles.size() == 2 ? 1 : 0);
}

QVariant SpanTotalsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const int column = index.column();
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((column < 2 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role == Qt::ToolTipRole && m_lines[index.row()].phase == bubbleName()) return bubbleText();
  if (role != Qt::DisplayRole) return {};
  const Line& line = m_lines[index.row()];
  if (column == 0) return line.lane;
  if (column == 1) return line.phase;
  const int side = (column - 2) / kCellColumns;
  if (side == m_titles.size()) {
    const double points = 100 * (line.cells[1].share - line.cells[0].share);
    return tr("%1%2 points")
        .arg(points > 0 ? QStringLiteral("+") : QString(), QString::number(points, 'f', 2));
  }
  const Cell& cell = line.cells[side];
  switch ((column - 2) % kCellColumns) {
    case 0:
      return spanTimeText(cell.seconds);
    case 1:
      return percent(cell.share);
    default:
      return cell.numSpans == 0 ? QString() : QString::number(cell.numSpans);
  }
}

QVariant SpanTotalsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= columnCount({}))
    return {};
  if (section == 0) return tr("lane");
  if (section == 1) return tr("phase");
  const int side = (section - 2) / kCellColumns;
  if (side == m_titles.size()) return tr("share, difference");
  const QString name = std::array{m_isOfRequests ? tr("time of requests") : tr("GPU time"),
                                  m_isOfRequests ? tr("share of request slots") : tr("share of GPUs"),
                                  tr("spans")}[static_cast<std::size_t>((section - 2) % kCellColumns)];
  return m_titles.size() == 1 ? name : QStringLiteral("%1: %2").arg(m_titles[side], name);
}

}  // namespace moesim::gui
