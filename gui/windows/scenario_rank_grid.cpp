#include "gui/windows/scenario_rank_grid.hpp"

#include <QPainter>
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

/// Parts an area into cells, one for each GPU, where they can be told apart.
void drawCells(QPainter& painter, const QRectF& area, int number) {
  constexpr double kLeastCell = 4;
  if (number < 1 || area.isEmpty()) return;
  const double columns =
      std::clamp<double>(std::round(std::sqrt(number * area.width() / area.height())), 1, number);
  const double rows = std::ceil(number / columns);
  const QSizeF cell(area.width() / columns, area.height() / rows);
  if (cell.width() < kLeastCell || cell.height() < kLeastCell) return;
  for (double i = 1; i < columns; ++i)
    painter.drawLine(QPointF(area.left() + i * cell.width(), area.top()),
                     QPointF(area.left() + i * cell.width(), area.bottom()));
  for (double i = 1; i < rows; ++i)
    painter.drawLine(QPointF(area.left(), area.top() + i * cell.height()),
                     QPointF(area.right(), area.top() + i * cell.height()));
}

}  // namespace

RankGrid::RankGrid(QWidget* parent) : ScenarioPicture(tr("GPUs by rank and expert group"), parent) {}

void RankGrid::setPicture(const PlanPicture& picture) {
  m_blocks = picture.blocks;
  showAnew();
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
  const bool isNarrow = std::ranges::any_of(m_blocks, [&](const RankBlock& other) {
    return fontMetrics().horizontalAdvance(other.label) > place.width();
  });
  const QString label = isNarrow ? one.label.section(QLatin1Char(' '), -1) : one.label;
  painter.drawText(QRectF(place.left(), place.top() - fontMetrics().height(), place.width() + kGap,
                          fontMetrics().height()),
                   Qt::AlignLeft | Qt::AlignVCenter, label);
  // Expert groups as tiles, about twice as wide as high.
  const double groups = std::max(1, one.numGroups);
  const double columns =
      std::clamp(std::round(std::sqrt(groups * place.width() / (2 * place.height()))), 1.0, groups);
  const double rows = std::ceil(groups / columns);
  const QSizeF tile(place.width() / columns, place.height() / rows);
  const double gap = std::min(tile.width(), tile.height()) > 6 ? 2 : 0;
  const QColor color = categoryColor(block);
  painter.setPen(QPen(palette().color(QPalette::Window), 1));
  for (int group = 0; group < one.numGroups; ++group) {
    const double column = std::fmod(group, columns);
    const double row = std::floor(group / columns);
    const QRectF area(place.left() + column * tile.width(), place.top() + row * tile.height(),
                      tile.width() - gap, tile.height() - gap);
    const bool isEven = std::fmod(column + row, 2) == 0;
    painter.fillRect(area, isEven ? color : color.lighter(125));
    drawCells(painter, area, one.groupSize);
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

}  // namespace moesim::gui
