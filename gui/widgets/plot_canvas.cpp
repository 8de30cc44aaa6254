#include "gui/widgets/plot_canvas.hpp"

#include <algorithm>
#include <cmath>

#include "gui/widgets/plot_ticker.hpp"
#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

const QString kHoverLayer = QStringLiteral("hover");

/// The range, or one that doubles and QCustomPlot can show.
PlotRange showable(PlotRange range, bool isLog) {
  if (!isDrawable(range.low, isLog) || !isDrawable(range.high, isLog) || range.low > range.high)
    return isLog ? PlotRange{1, 10} : PlotRange{0, 1};
  const double least = 1e-12 * std::max({std::abs(range.low), std::abs(range.high), 1e-90});
  if (range.high - range.low < least) range.high = range.low + least;
  return range;
}

}  // namespace

PlotCanvas::PlotCanvas(QWidget* parent) : QCustomPlot(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setNoAntialiasingOnDrag(true);
  setAutoAddPlottableToLegend(false);
  addLayer(kHoverLayer, layer(QStringLiteral("main")), QCustomPlot::limAbove);
  layer(kHoverLayer)->setMode(QCPLayer::lmBuffered);
  rebuild();
}

void PlotCanvas::setPicture(const PlotPicture& picture) {
  m_picture = picture;
  m_rangeX = showable(m_rangeX, picture.x.isLog);
  m_rangesY.resize(picture.panels.size());
  for (int i = 0; i < picture.panels.size(); ++i)
    m_rangesY[i] = showable(m_rangesY[i], picture.panels[i].y.isLog);
  rebuild();
}

void PlotCanvas::setRangeX(PlotRange range) {
  m_rangeX = showable(range, m_picture.x.isLog);
  for (int i = 0; i < m_panels.size(); ++i) {
    QCPAxis* axis = m_panels[i].rect->axis(QCPAxis::atBottom);
    axis->setRange(m_rangeX.low, m_rangeX.high);
    scaleAxis(axis, m_picture.x, m_rangeX);
  }
  replot(QCustomPlot::rpQueuedReplot);
}

void PlotCanvas::setRangeY(int panel, PlotRange range) {
  if (panel < 0 || panel >= m_panels.size()) return;
  m_rangesY[panel] = showable(range, m_picture.panels[panel].y.isLog);
  QCPAxis* axis = m_panels[panel].rect->axis(QCPAxis::atLeft);
  axis->setRange(m_rangesY[panel].low, m_rangesY[panel].high);
  scaleAxis(axis, m_picture.panels[panel].y, m_rangesY[panel]);
  replot(QCustomPlot::rpQueuedReplot);
}

PlotRange PlotCanvas::rangeY(int panel) const {
  return m_rangesY.value(panel);
}

void PlotCanvas::setCrosshair(std::optional<double> x) {
  m_crosshairX = x;
  for (QCPItemStraightLine* line : m_crosshair) {
    line->setVisible(x.has_value() && std::isfinite(*x));
    if (!line->visible()) continue;
    line->point1->setCoords(*x, m_rangesY.value(0).low);
    line->point2->setCoords(*x, m_rangesY.value(0).high);
  }
  layer(kHoverLayer)->replot();
}

void PlotCanvas::setBand(std::optional<PlotRange> band) {
  m_band = band;
  for (QCPItemRect* rect : m_bands) {
    rect->setVisible(band.has_value());
    if (!band) continue;
    rect->topLeft->setCoords(band->low, 0);
    rect->bottomRight->setCoords(band->high, 1);
  }
  layer(kHoverLayer)->replot();
}

int PlotCanvas::panelAt(const QPointF& place) const {
  for (int i = 0; i < m_panels.size(); ++i)
    if (m_panels[i].rect->rect().contains(place.toPoint())) return i;
  return -1;
}

QRect PlotCanvas::panelRect(int panel) const {
  return panel >= 0 && panel < m_panels.size() ? m_panels[panel].rect->rect() : QRect();
}

double PlotCanvas::xAt(double pixel) const {
  if (m_panels.isEmpty()) return 0;
  int column = 0;  // the one under the pixel
  while (column + 1 < m_columns && pixel > m_panels[column].rect->right()) ++column;
  return m_panels[column].rect->axis(QCPAxis::atBottom)->pixelToCoord(pixel);
}

double PlotCanvas::yAt(int panel, double pixel) const {
  return m_panels[panel].rect->axis(QCPAxis::atLeft)->pixelToCoord(pixel);
}

double PlotCanvas::pixelOfX(int panel, double x) const {
  return m_panels[panel].rect->axis(QCPAxis::atBottom)->coordToPixel(x);
}

double PlotCanvas::pixelOfY(int panel, double y) const {
  return m_panels[panel].rect->axis(QCPAxis::atLeft)->coordToPixel(y);
}

void PlotCanvas::paintEvent(QPaintEvent* event) {
  QPainter probe(this);
  const auto engine = probe.paintEngine() ? probe.paintEngine()->type() : QPaintEngine::Raster;
  probe.end();
  if (engine != QPaintEngine::Pdf && engine != QPaintEngine::SVG && engine != QPaintEngine::Picture) {
    QCustomPlot::paintEvent(event);
    return;
  }
  QCPPainter painter(this);  // into a file: lines and texts, not pixels
  painter.setMode(QCPPainter::pmVectorized);
  painter.setMode(QCPPainter::pmNoCaching);  // numbers at ticks are kept as pixels else
  painter.fillRect(rect(), palette().brush(QPalette::Base));
  draw(&painter);
}

void PlotCanvas::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  if (columnsThatFit() != m_columns) return rebuild();
  arrangeLegends();
  replot(QCustomPlot::rpImmediateRefresh);
  fitTexts();
  replot();
}

void PlotCanvas::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  const auto type = event->type();
  if (type == QEvent::PaletteChange || type == QEvent::FontChange) rebuild();
}

}  // namespace moesim::gui
