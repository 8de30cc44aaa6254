#include <algorithm>
#include <cmath>

#include "gui/widgets/plot_canvas.hpp"
#include "gui/widgets/plot_scale.hpp"
#include "gui/widgets/plot_ticker.hpp"
#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kTitleLines = 3;  // beside a vertical axis

}  // namespace

void PlotCanvas::styleAxis(QCPAxis* axis, const PlotAxis& spec, PlotRange range) {
  const pictures::Theme& theme = pictureTheme(palette());
  const QColor text = palette().color(QPalette::Text);
  const QPen frame(qColor(theme.frame), 1);
  axis->setBasePen(frame);
  axis->setTickPen(frame);
  axis->setSubTickPen(frame);
  axis->setTickLabelFont(font());
  axis->setLabelFont(font());
  axis->setTickLabelColor(text);
  axis->setLabelColor(text);
  axis->setTickLabelPadding(4);
  axis->setLabelPadding(4);
  axis->grid()->setPen(QPen(qColor(theme.grid), 1));
  axis->grid()->setZeroLinePen(QPen(qColor(theme.grid), 1));
  if (spec.isLog) axis->setScaleType(QCPAxis::stLogarithmic);
  scaleAxis(axis, spec, range);
}

void PlotCanvas::scaleAxis(QCPAxis* axis, const PlotAxis& spec, PlotRange range) {
  if (!spec.categories.isEmpty()) {
    axis->setLabel(spec.label);
    axis->grid()->setVisible(false);
    setTextAxisTicks(axis, spec);
    return;
  }
  const bool isShown = axis->axisType() != QCPAxis::atBottom || axis->tickLabels();
  if (spec.isLog && range.high / range.low > 15) {
    axis->setTicker(QSharedPointer<PlotLogTicker>::create(spec));
    PlotAxis unitless = spec;
    if (spec.unit != MetricUnit::count) unitless.unitText.clear();
    axis->setLabel(isShown ? axisTitle(spec, AxisScale{1, unitless.unitText}) : QString());
    return;
  }
  const AxisScale scale = axisScale(spec, std::max(std::abs(range.low), std::abs(range.high)));
  auto ticker = QSharedPointer<PlotTicker>::create(scale, spec.isLog);
  const bool isVertical = axis->axisType() == QCPAxis::atLeft;
  const int length = isVertical ? axis->axisRect()->height() : axis->axisRect()->width();
  const QFontMetrics metrics(font());
  const int most = isVertical ? 6 : 9;
  const int apart = isVertical ? 2 * metrics.height() : 10 * metrics.averageCharWidth();
  ticker->setTickCount(std::clamp(length / std::max(apart, 1), 2, most));
  axis->setTicker(ticker);
  const QString title = axisTitle(spec, scale);
  const int room = std::max(length, 8 * metrics.averageCharWidth());
  axis->setLabel(!isShown ? QString() : isVertical ? inLines(title, room, kTitleLines, metrics) : title);
}

void PlotCanvas::setTextAxisTicks(QCPAxis* axis, const PlotAxis& spec) {
  if (spec.categories.isEmpty()) return;
  int widest = 1;
  const QFontMetrics metrics(font());
  for (const QString& text : spec.categories) widest = std::max(widest, metrics.horizontalAdvance(text));
  const double shown =
      std::max(1.0, std::min(axis->range().size(), static_cast<double>(spec.categories.size())));
  const double place = std::max(40.0, width() * 0.85) / shown;
  const int every = std::max(1, static_cast<int>(std::ceil((widest + 8) / place)));
  const bool isTilted = every > 1 && spec.categories.size() <= 24 && widest > 3 * metrics.averageCharWidth();
  axis->setTickLabelRotation(isTilted ? -35 : 0);
  axis->setTicker(QSharedPointer<PlotTextTicker>::create(spec.categories, isTilted ? 1 : every));
}

/// Axes know their length only when they have been laid out.
void PlotCanvas::fitTexts() {
  for (int i = 0; i < m_panels.size(); ++i) {
    scaleAxis(m_panels[i].rect->axis(QCPAxis::atBottom), m_picture.x, m_rangeX);
    scaleAxis(m_panels[i].rect->axis(QCPAxis::atLeft), m_picture.panels[i].y, m_rangesY[i]);
  }
}

}  // namespace moesim::gui
