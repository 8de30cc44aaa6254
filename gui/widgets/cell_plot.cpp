#include "gui/widgets/cell_plot.hpp"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kTickLength = 4;
constexpr int kGap = 3;  // between a tick and its number

}  // namespace

CellPlot::CellPlot(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setFocusPolicy(Qt::StrongFocus);
}

void CellPlot::setTitle(const QString& title) {
  m_title = title;
  update();
}

void CellPlot::setColumnAxis(const HeatMapAxis& axis) {
  const bool wasWhole = m_columns.first <= 0 && m_columns.end >= m_columnAxis.count;
  m_columnAxis = axis;
  m_columns =
      wasWhole ? CellWindow{0, static_cast<double>(std::max(axis.count, 1))} : cutTo(m_columns, axis.count);
  update();
}

void CellPlot::setColumnWindow(const CellWindow& window) {
  const CellWindow inside = cutTo(window, m_columnAxis.count);
  if (inside == m_columns) return;
  m_columns = inside;
  update();
}

void CellPlot::setRowWindow(const CellWindow& window) {
  const CellWindow inside = cutTo(window, numRows());
  if (inside == m_rows) return;
  m_rows = inside;
  update();
}

void CellPlot::setMarkedColumn(int column) {
  if (column == m_markedColumn) return;
  m_markedColumn = column;
  update();
}

void CellPlot::setSelectedCell(QPoint cell) {
  if (cell == m_selectedCell) return;
  m_selectedCell = cell;
  update();
}

void CellPlot::setHoverColumn(std::optional<double> column) {
  if (column == m_hoverColumn) return;
  m_hoverColumn = column;
  update();
}

void CellPlot::setLeftMargin(int pixels) {
  if (pixels == m_leftMargin) return;
  m_leftMargin = pixels;
  update();
}

int CellPlot::preferredLeftMargin() const {
  const QFontMetrics metrics = fontMetrics();
  int widest = metrics.horizontalAdvance(QStringLiteral("000"));
  for (const AxisTick& tick : rowTicks()) widest = std::max(widest, metrics.horizontalAdvance(tick.label));
  return metrics.height() + 2 * kGap + widest + kGap + kTickLength + 1;
}

QRect CellPlot::plotRect() const {
  const int line = fontMetrics().height();
  const int left = std::max(m_leftMargin, preferredLeftMargin());
  const int top = m_title.isEmpty() ? line / 2 + 1 : line + 4;
  const int bottom = 2 * line + kTickLength + kGap + 2;
  const int right = fontMetrics().horizontalAdvance(QStringLiteral("0,000")) / 2 + 2;
  return {left, top, std::max(8, width() - left - right), std::max(8, height() - top - bottom)};
}

QSize CellPlot::minimumSizeHint() const {
  const int line = fontMetrics().height();
  return {14 * line, 7 * line};
}

double CellPlot::xOf(double column) const {
  const QRect plot = plotRect();
  return plot.x() + pixelOf(m_columns, column, plot.width());
}

double CellPlot::yOf(double row) const {
  const QRect plot = plotRect();
  return plot.y() + pixelOf(m_rows, row, plot.height());
}

QRectF CellPlot::rectOf(QPoint cell) const {
  return {QPointF(xOf(cell.x()), yOf(cell.y())), QPointF(xOf(cell.x() + 1), yOf(cell.y() + 1))};
}

void CellPlot::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const pictures::Theme& theme = pictureTheme(palette());
  painter.save();
  painter.setClipRegion(QRegion(rect()) - plotRect());
  painter.fillRect(rect(), qColor(theme.background));
  painter.setClipRect(plotRect());
  paintContent(painter);
  paintMarks(painter);
  painter.restore();
  paintAxes(painter);
  if (hasFocus()) {
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1, Qt::DotLine));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void CellPlot::paintAxes(QPainter& painter) const {
  const pictures::Theme& theme = pictureTheme(palette());
  const QFontMetrics metrics = fontMetrics();
  const QRect plot = plotRect();
  const int line = metrics.height();
  painter.setPen(qColor(theme.frame));
  painter.drawRect(plot.adjusted(-1, -1, 0, 0));

  const int widest = std::max({metrics.horizontalAdvance(m_columnAxis.label(0)),
                               metrics.horizontalAdvance(m_columnAxis.label(m_columnAxis.count - 1)),
                               metrics.averageCharWidth()});
  const int count = std::max(1, plot.width() / (widest + 2 * metrics.averageCharWidth()));
  for (const AxisTick& tick : axisTicks(m_columnAxis, m_columns, count)) {
    const int x = static_cast<int>(std::lround(xOf(tick.cell)));
    painter.setPen(qColor(theme.frame));
    painter.drawLine(x, plot.bottom() + 1, x, plot.bottom() + kTickLength);
    painter.setPen(qColor(theme.text));
    painter.drawText(QRect(x - 2 * widest, plot.bottom() + kTickLength + kGap, 4 * widest, line),
                     Qt::AlignHCenter | Qt::AlignTop, tick.label);
  }
  for (const AxisTick& tick : rowTicks()) {
    const int y = static_cast<int>(std::lround(yOfTick(tick.cell)));
    painter.setPen(qColor(theme.frame));
    painter.drawLine(plot.x() - 1 - kTickLength, y, plot.x() - 2, y);
    painter.setPen(qColor(theme.text));
    painter.drawText(QRect(0, y - line, plot.x() - 1 - kTickLength - kGap, 2 * line),
                     Qt::AlignRight | Qt::AlignVCenter, tick.label);
  }
  painter.setPen(qColor(theme.muted));
  painter.drawText(QRect(plot.x(), plot.bottom() + kTickLength + kGap + line, plot.width(), line),
                   Qt::AlignCenter, metrics.elidedText(m_columnAxis.title, Qt::ElideRight, plot.width()));
  painter.save();
  painter.translate(0, plot.bottom());
  painter.rotate(-90);
  painter.drawText(QRect(0, kGap, plot.height(), line), Qt::AlignCenter,
                   metrics.elidedText(rowTitle(), Qt::ElideRight, plot.height()));
  painter.restore();
  painter.setPen(qColor(theme.text));
  painter.drawText(QRect(plot.x(), 1, plot.width(), line + 1), Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(m_title, Qt::ElideRight, plot.width()));
}

void CellPlot::paintMarks(QPainter& painter) const {
  // White within black is seen on every colour of a map and on both themes.
  const auto frame = [&painter](const QRectF& area) {
    painter.setPen(QPen(Qt::black, 3));
    painter.drawRect(area);
    painter.setPen(QPen(Qt::white, 1));
    painter.drawRect(area);
  };
  const QRect plot = plotRect();
  if (m_markedColumn >= 0) {
    const double left = std::floor(xOf(m_markedColumn));
    const double width = std::max(2.0, std::ceil(xOf(m_markedColumn + 1)) - left);
    frame({left - 1, plot.y() - 4.0, width + 1, plot.height() + 8.0});
  }
  if (m_hoverColumn) {
    const double x = xOf(*m_hoverColumn);
    painter.setPen(QPen(qColor(pictureTheme(palette()).muted), 1, Qt::DashLine));
    painter.drawLine(QPointF(x, plot.y()), QPointF(x, plot.bottom()));
  }
  if (m_selectedCell.y() >= 0 && numRows() > 0) {
    const int column = m_selectedCell.x() >= 0 ? m_selectedCell.x() : m_markedColumn;
    QRectF area = rectOf({column, m_selectedCell.y()});
    area.setWidth(std::max(area.width(), 5.0));
    area.setHeight(std::max(area.height(), 5.0));
    area.moveCenter(rectOf({column, m_selectedCell.y()}).center());
    if (column >= 0) frame(area);
  }
  if (m_band) {
    QColor fill = palette().color(QPalette::Highlight);
    painter.setPen(fill);
    fill.setAlpha(80);
    painter.fillRect(*m_band, fill);
    painter.drawRect(*m_band);
  }
}

}  // namespace moesim::gui
