#include "gui/widgets/heat_map_widget.hpp"

#include <QEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

/// Cells that the pixel [at, at + 1) of an axis touches.
struct Cells {
  int first = 0;
  int end = 0;
};

Cells cellsOf(const CellWindow& window, double pixel, double numPixels, int count) {
  const double low = cellAt(window, std::floor(pixel), numPixels);
  const double high = cellAt(window, std::floor(pixel) + 1, numPixels);
  const int first = std::clamp(static_cast<int>(std::floor(low)), 0, count);
  const int end = std::clamp(static_cast<int>(std::ceil(high)), first, count);
  return {first, end};
}

}  // namespace

HeatMapWidget::HeatMapWidget(QWidget* parent) : CellPlot(parent), m_map(&pictures::sequential_map()) {}

void HeatMapWidget::setCells(const CellsPtr& cells) {
  m_cells = cells;
  m_drawn.reset();
  update();
}

void HeatMapWidget::setRowAxis(const HeatMapAxis& axis) {
  const bool wasWhole = rowWindow().first <= 0 && rowWindow().end >= m_rowAxis.count;
  const bool isOther = axis.count != m_rowAxis.count;
  m_rowAxis = axis;
  if (isOther)
    setRowWindow(wasWhole ? CellWindow{0, static_cast<double>(std::max(axis.count, 1))} : rowWindow());
  update();
}

void HeatMapWidget::setColors(const pictures::ColorMap& map, const pictures::ColorScale& scale) {
  m_map = &map;
  m_scale = scale;
  m_lookup.reset();
  m_drawn.reset();
  update();
}

QPoint HeatMapWidget::cellUnder(QPointF place) const {
  const QRect plot = plotRect();
  if (!m_cells || !plot.contains(place.toPoint())) return {-1, -1};
  const auto numColumns = static_cast<int>(m_cells->num_columns());
  const auto numCells = static_cast<int>(m_cells->num_rows());
  const Cells columns = cellsOf(columnWindow(), place.x() - plot.x(), plot.width(), numColumns);
  const Cells rows = cellsOf(rowWindow(), place.y() - plot.y(), plot.height(), numCells);
  QPoint found{-1, -1};
  float most = -1;
  for (int column = columns.first; column < columns.end; ++column) {
    for (int row = rows.first; row < rows.end; ++row) {
      const float value = m_cells->at(static_cast<std::size_t>(column), static_cast<std::size_t>(row));
      if (found.x() >= 0 && (value == pictures::kNoData || std::abs(value) <= most)) continue;
      found = {column, row};
      most = value == pictures::kNoData ? -1 : std::abs(value);
    }
  }
  return found;
}

QString HeatMapWidget::hoverText(QPoint cell) const {
  return m_cellText ? m_cellText(cell) : QString();
}

QVector<AxisTick> HeatMapWidget::rowTicks() const {
  const int height = std::max(8, this->height() - 4 * fontMetrics().height());
  const int count = std::max(2, height / (5 * fontMetrics().height() / 2));
  return axisTicks(m_rowAxis, rowWindow(), count);
}

const QImage& HeatMapWidget::image() {
  const QRect plot = plotRect();
  const Drawn wanted{m_cells.get(), columnWindow(), rowWindow(), plot.size() * devicePixelRatioF()};
  if (m_drawn != wanted) draw(wanted);
  return m_image;
}

void HeatMapWidget::draw(const Drawn& wanted) {
  const int width = std::max(1, wanted.size.width());
  const int height = std::max(1, wanted.size.height());
  const pictures::Theme& theme = pictureTheme(palette());
  if (m_image.size() != QSize(width, height)) m_image = QImage(width, height, QImage::Format_RGB32);
  m_image.setDevicePixelRatio(devicePixelRatioF());
  m_drawn = wanted;
  if (!m_cells || m_cells->num_rows() == 0 || m_cells->num_columns() == 0) {
    m_image.fill(qColor(theme.missing));
    return;
  }
  if (!m_lookup) m_lookup.emplace(*m_map, m_scale, theme.missing);
  m_pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  m_cells->draw({wanted.columns.first, wanted.columns.end, wanted.rows.first, wanted.rows.end, width, height},
                m_pixels);
  // A line of 4-byte pixels has no padding.
  m_lookup->draw(m_pixels, static_cast<std::size_t>(width),
                 {reinterpret_cast<std::uint32_t*>(m_image.bits()), m_pixels.size()});
}

void HeatMapWidget::paintContent(QPainter& painter) {
  painter.drawImage(plotRect().topLeft(), image());
}

void HeatMapWidget::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) {
    m_lookup.reset();
    m_drawn.reset();
  }
  QWidget::changeEvent(event);
}

}  // namespace moesim::gui
