#include "gui/windows/scenario_rank_grid.hpp"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kGap = 6;
constexpr int kMostColumns = 16;
constexpr double kBlockLines = 5;  // height of a block over that of a line

double numGpus(const RankBlock& block) {
  return static_cast<double>(block.numGroups) * block.groupSize;
}

}  // namespace

RankGrid::RankGrid(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
}

void RankGrid::setPicture(const PlanPicture& picture) {
  m_blocks = picture.blocks;
  setAccessibleName(tr("GPUs by rank and expert group"));
  setAccessibleDescription(headline());
  updateGeometry();
  update();
}

int RankGrid::numColumns() const {
  return std::clamp(static_cast<int>(m_blocks.size()), 1, kMostColumns);
}

int RankGrid::blocksHeight() const {
  const int rows = (static_cast<int>(m_blocks.size()) + numColumns() - 1) / numColumns();
  return static_cast<int>(rows * (kBlockLines + 1.5) * fontMetrics().height());
}

QSize RankGrid::sizeHint() const {
  return {fontMetrics().averageCharWidth() * 40, blocksHeight() + fontMetrics().height() + kGap};
}

QString RankGrid::headline() const {
  if (m_blocks.isEmpty()) return {};
  const RankBlock& first = m_blocks.first();
  double gpus = 0;
  for (const RankBlock& block : m_blocks) gpus += numGpus(block);
  if (m_blocks.size() == 1 || m_blocks.first().label != tr("rank 0"))
    return tr("%1 GPUs in groups of up to %2").arg(gpus).arg(first.groupSize);
  return tr("%1 GPUs: %2 pipeline ranks, each of %3 expert groups of %4")
      .arg(gpus)
      .arg(m_blocks.size())
      .arg(first.numGroups)
      .arg(first.groupSize);
}

QRectF RankGrid::blockRect(int block) const {
  const int columns = numColumns();
  const double line = fontMetrics().height();
  const double width = (this->width() + kGap) / static_cast<double>(columns) - kGap;
  const double top = line + kGap + (block / columns) * (kBlockLines + 1.5) * line;
  return QRectF((block % columns) * (width + kGap), top + line, std::max(2.0, width), kBlockLines * line);
}

void RankGrid::drawBlock(QPainter& painter, int block) const {
  const RankBlock& one = m_blocks[block];
  const QRectF place = blockRect(block);
  const pictures::Theme& theme = pictureTheme(palette());
  painter.setPen(qColor(theme.text));
  const bool isNarrow = fontMetrics().horizontalAdvance(one.label) > place.width();
  const QString label = isNarrow ? one.label.section(QLatin1Char(' '), -1) : one.label;
  painter.drawText(QRectF(place.left(), place.top() - fontMetrics().height(), place.width() + kGap,
                          fontMetrics().height()),
                   Qt::AlignLeft | Qt::AlignVCenter, label);
  const int groups = std::max(1, one.numGroups);
  const double height = place.height() / groups;
  const double gap = height > 6 ? 2 : (height > 3 ? 1 : 0);
  const QColor color = categoryColor(block);
  for (int group = 0; group < groups; ++group) {
    const QRectF area(place.left(), place.top() + group * height, place.width(), height - gap);
    painter.fillRect(area, group % 2 == 0 ? color : color.lighter(125));
    // A cell for each GPU where they can be told apart.
    const double cells = std::max(1, one.groupSize);
    const double columns =
        std::clamp(std::round(std::sqrt(cells * area.width() / std::max(area.height(), 1.0))), 1.0, cells);
    const double rows = std::ceil(cells / columns);
    if (area.width() / columns < 4 || area.height() / rows < 4) continue;
    painter.setPen(QPen(palette().color(QPalette::Window), 1));
    for (double i = 1; i < columns; ++i)
      painter.drawLine(QPointF(area.left() + i * area.width() / columns, area.top()),
                       QPointF(area.left() + i * area.width() / columns, area.bottom()));
    for (double i = 1; i < rows; ++i)
      painter.drawLine(QPointF(area.left(), area.top() + i * area.height() / rows),
                       QPointF(area.right(), area.top() + i * area.height() / rows));
  }
}

void RankGrid::paintEvent(QPaintEvent* /*event*/) {
  if (m_blocks.isEmpty()) return;
  QPainter painter(this);
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawText(QRectF(0, 0, width(), fontMetrics().height()), Qt::AlignLeft | Qt::AlignVCenter,
                   fontMetrics().elidedText(headline(), Qt::ElideRight, width()));
  for (int block = 0; block < m_blocks.size(); ++block) drawBlock(painter, block);
}

QString RankGrid::tipAt(const QPointF& place) const {
  for (int block = 0; block < m_blocks.size(); ++block) {
    if (!blockRect(block).contains(place)) continue;
    const RankBlock& one = m_blocks[block];
    QString text = tr("%1: %2 groups of %3 GPUs").arg(one.label).arg(one.numGroups).arg(one.groupSize);
    return one.doc.isEmpty() ? text : text + QLatin1Char('\n') + one.doc;
  }
  return {};
}

bool RankGrid::event(QEvent* event) {
  if (event->type() == QEvent::FontChange) updateGeometry();
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  const QString tip = tipAt(help->pos());
  if (tip.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), tip, this);
  return true;
}

}  // namespace moesim::gui
