#include <algorithm>
#include <cmath>
#include <limits>

#include "gui/widgets/plot_canvas.hpp"
#include "gui/widgets/plot_ticker.hpp"
#include "gui/widgets/theme.hpp"
#include "reports/pictures/color_map.hpp"

namespace moesim::gui {
namespace {

constexpr int kMaxListed = 16;  // entries of a legend
constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

QVector<double> gapsForUndrawable(const QVector<double>& values, bool isLog) {
  QVector<double> clean = values;
  for (double& value : clean)
    if (!isDrawable(value, isLog)) value = kGap;
  return clean;
}

QPen curvePen(const PlotCurve& curve) {
  QPen pen(categoryColor(curve.color), curve.isThin ? 0.8 : 1.6);
  if (curve.isSecond) pen.setStyle(Qt::DashLine);
  return pen;
}

constexpr int kNumColors = 8;  // of categoryColor()

/// Colours repeat after eight: bars from then on are filled paler, with the whole colour around them. Those
/// of a second result are paler too.
QColor barFill(const PlotBars& bars, const QColor& background) {
  constexpr double kPaler = 0.4;
  constexpr double kSecond = 0.6;
  const double share = std::pow(kPaler, bars.color / kNumColors) * (bars.isSecond ? kSecond : 1);
  const QColor color = categoryColor(bars.color);
  const auto mixed = [share](int of, int with) {
    return static_cast<int>(std::lround(share * of + (1 - share) * with));
  };
  return {mixed(color.red(), background.red()), mixed(color.green(), background.green()),
          mixed(color.blue(), background.blue())};
}

}  // namespace

void PlotCanvas::rebuild() {
  m_crosshair.clear();
  m_bands.clear();
  m_panels.clear();
  clearPlottables();
  clearItems();
  plotLayout()->clear();
  setBackground(palette().brush(QPalette::Base));
  m_columns = columnsThatFit();
  for (int i = 0; i < m_picture.panels.size(); ++i) addPanel(i);
  alignPanels();
  arrangeLegends();
  setCrosshair(m_crosshairX);
  setBand(m_band);
  replot();
  fitTexts();
  replot(QCustomPlot::rpQueuedReplot);
}

void PlotCanvas::addPanel(int index) {
  const PlotPanel& spec = m_picture.panels[index];
  const bool isLast = index + m_columns >= m_picture.panels.size();  // of its column
  Panel panel;
  panel.rect = new QCPAxisRect(this);
  panel.legend = new QCPLegend;
  panel.title = spec.title;
  addHead(index, panel);
  panel.legend->setLayer(QStringLiteral("legend"));
  panel.legend->setBorderPen(Qt::NoPen);
  panel.legend->setBrush(Qt::NoBrush);
  panel.legend->setFont(font());
  panel.legend->setTextColor(palette().color(QPalette::Text));
  panel.legend->setMargins(QMargins(8, 4, 8, 4));
  panel.rect->setMinimumMargins(QMargins(8, 4, 14, isLast ? 4 : 2));
  QCPAxis* bottom = panel.rect->axis(QCPAxis::atBottom);
  QCPAxis* left = panel.rect->axis(QCPAxis::atLeft);
  bottom->setRange(m_rangeX.low, m_rangeX.high);
  left->setRange(m_rangesY[index].low, m_rangesY[index].high);
  styleAxis(bottom, m_picture.x, m_rangeX);
  styleAxis(left, spec.y, m_rangesY[index]);
  bottom->setTickLabels(isLast);
  if (!isLast) bottom->setLabel({});
  for (QCPAxis* axis : panel.rect->axes()) axis->setLayer(QStringLiteral("axes"));
  addBars(spec, panel.rect, panel.legend);
  for (const PlotCurve& curve : spec.curves) addCurve(spec, curve, panel.rect, panel.legend);
  addLevels(spec, panel);
  auto* line = new QCPItemStraightLine(this);
  line->setLayer(QStringLiteral("hover"));
  line->setClipAxisRect(panel.rect);
  for (QCPItemPosition* place : {line->point1, line->point2}) place->setAxes(bottom, left);
  line->setPen(QPen(palette().color(QPalette::Text), 1, Qt::DotLine));
  m_crosshair.append(line);
  m_bands.append(makeBand(panel.rect));
  m_panels.append(panel);
}

QCPItemRect* PlotCanvas::makeBand(QCPAxisRect* rect) {
  auto* band = new QCPItemRect(this);
  band->setLayer(QStringLiteral("hover"));
  band->setClipAxisRect(rect);
  for (QCPItemPosition* corner : {band->topLeft, band->bottomRight}) {
    corner->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    corner->setAxisRect(rect);
    corner->setTypeX(QCPItemPosition::ptPlotCoords);
    corner->setTypeY(QCPItemPosition::ptAxisRectRatio);
  }
  QColor color = palette().color(QPalette::Highlight);
  band->setPen(QPen(color, 1));
  color.setAlpha(50);
  band->setBrush(color);
  return band;
}

void PlotCanvas::addCurve(const PlotPanel& spec, const PlotCurve& curve, QCPAxisRect* rect,
                          QCPLegend* legend) {
  const auto size = std::min(curve.x.size(), curve.y.size());
  if (!curve.shades.isEmpty()) {
    addShaded(curve, rect);
    return;
  }
  auto* graph = new QCPGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
  graph->setName(curve.name);
  graph->setData(gapsForUndrawable(curve.x.mid(0, size), m_picture.x.isLog),
                 gapsForUndrawable(curve.y.mid(0, size), spec.y.isLog), curve.mark != PlotMark::points);
  graph->setPen(curvePen(curve));
  const QColor color = categoryColor(curve.color);
  if (curve.mark == PlotMark::points) graph->setLineStyle(QCPGraph::lsNone);
  if (curve.mark == PlotMark::steps) graph->setLineStyle(QCPGraph::lsStepLeft);
  constexpr int kFewPoints = 60;
  if (curve.hasMarks && (curve.mark == PlotMark::points || size <= kFewPoints))
    graph->setScatterStyle(QCPScatterStyle(
        curve.isSecond ? QCPScatterStyle::ssDiamond : QCPScatterStyle::ssCircle, QPen(color, 1.4),
        curve.isSecond ? QBrush(Qt::NoBrush) : QBrush(color), curve.mark == PlotMark::points ? 8 : 5));
  graph->setAdaptiveSampling(true);  // keeps minimum and maximum of each pixel column
  addErrorBars(curve, graph, legend);
  const bool isDrawn = curve.hasMarks || curve.mark != PlotMark::points;
  if (isDrawn && curve.isListed && !curve.name.isEmpty() && legend->itemCount() < kMaxListed)
    graph->addToLegend(legend);
}

void PlotCanvas::addShaded(const PlotCurve& curve, QCPAxisRect* rect) {
  constexpr int kShades = 24;
  const auto& map = pictures::sequential_map();
  for (int shade = 0; shade < kShades; ++shade) {
    QVector<double> x;
    QVector<double> y;
    for (qsizetype i = 0; i < std::min({curve.x.size(), curve.y.size(), curve.shades.size()}); ++i) {
      const double place = std::isfinite(curve.shades[i]) ? std::clamp(curve.shades[i], 0.0, 1.0) : 0;
      if (std::min(static_cast<int>(place * kShades), kShades - 1) != shade) continue;
      x.append(curve.x[i]);
      y.append(curve.y[i]);
    }
    if (x.isEmpty()) continue;
    auto* graph = new QCPGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    graph->setData(x, y);
    graph->setLineStyle(QCPGraph::lsNone);
    const QColor color = qColor(pictures::color_at(map, (shade + 0.5) / kShades));
    graph->setScatterStyle(
        QCPScatterStyle(curve.isSecond ? QCPScatterStyle::ssDiamond : QCPScatterStyle::ssCircle,
                        QPen(palette().color(QPalette::Mid), 1), QBrush(color), 9));
  }
}

void PlotCanvas::addErrorBars(const PlotCurve& curve, QCPGraph* graph, QCPLegend* legend) {
  if (curve.low.size() != curve.y.size() || curve.high.size() != curve.y.size() || curve.y.isEmpty()) return;
  QVector<double> minus;
  QVector<double> plus;
  for (qsizetype i = 0; i < curve.y.size(); ++i) {
    minus.append(curve.y[i] - curve.low[i]);
    plus.append(curve.high[i] - curve.y[i]);
  }
  auto* bars = new QCPErrorBars(graph->keyAxis(), graph->valueAxis());
  bars->setDataPlottable(graph);
  bars->setData(minus, plus);
  bars->setPen(QPen(categoryColor(curve.color), 1.2));
  bars->setSymbolGap(curve.hasMarks ? 4 : 0);
  if (curve.hasMarks || curve.name.isEmpty() || !curve.isListed) return;
  bars->setName(curve.name);
  bars->addToLegend(legend);
}

void PlotCanvas::addBars(const PlotPanel& spec, QCPAxisRect* rect, QCPLegend* legend) {
  QCPAxis* bottom = rect->axis(QCPAxis::atBottom);
  QCPAxis* left = rect->axis(QCPAxis::atLeft);
  QVector<QCPBars*> all;
  for (int i = 0; i < spec.bars.size(); ++i) {
    const PlotBars& bars = spec.bars[i];
    auto* drawn = new QCPBars(bottom, left);
    all.append(drawn);
    drawn->setName(bars.name);
    QVector<double> x;
    QVector<double> y;
    double width = 1;
    for (int category = 0; category < bars.values.size(); ++category) {
      const PlotBarBox box = barBox(spec, i, category);
      width = box.right - box.left;
      if (box.top == box.bottom) continue;
      x.append((box.left + box.right) / 2);
      y.append(box.top - box.bottom);
    }
    drawn->setWidth(width);
    drawn->setData(x, y);
    const QColor background = palette().color(QPalette::Base);
    drawn->setBrush(barFill(bars, background));
    drawn->setPen(QPen(bars.color >= kNumColors ? categoryColor(bars.color) : background, 1));
    for (int below = i - 1; below >= 0; --below) {
      if (spec.bars[below].group != bars.group) continue;
      drawn->moveAbove(all[below]);
      break;
    }
    if (bars.isListed && !bars.name.isEmpty() && legend->itemCount() < kMaxListed) drawn->addToLegend(legend);
  }
}

void PlotCanvas::addLevels(const PlotPanel& spec, Panel& panel) {
  QCPAxis* bottom = panel.rect->axis(QCPAxis::atBottom);
  QCPAxis* left = panel.rect->axis(QCPAxis::atLeft);
  for (const PlotLevel& level : spec.levels) {
    if (!isDrawable(level.value, spec.y.isLog)) continue;
    auto* line = new QCPItemStraightLine(this);
    line->setClipAxisRect(panel.rect);
    for (QCPItemPosition* place : {line->point1, line->point2}) {
      place->setAxes(bottom, left);
      place->setTypeX(QCPItemPosition::ptAxisRectRatio);
      place->setAxisRect(panel.rect);
      place->setTypeY(QCPItemPosition::ptPlotCoords);
    }
    line->point1->setCoords(0, level.value);
    line->point2->setCoords(1, level.value);
    line->setPen(QPen(palette().color(QPalette::Text), 1.2, Qt::DashLine));
    if (level.name.isEmpty()) continue;
    auto* text = new QCPItemText(this);
    text->setClipAxisRect(panel.rect);
    text->setText(QStringLiteral("%1: %2").arg(level.name, valueText(level.value, spec.y)));
    text->setFont(font());
    text->setColor(palette().color(QPalette::Text));
    QColor behind = palette().color(QPalette::Base);
    behind.setAlpha(190);
    text->setBrush(behind);
    text->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    text->position->setAxes(bottom, left);
    text->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    text->position->setAxisRect(panel.rect);
    text->position->setTypeY(QCPItemPosition::ptPlotCoords);
    text->position->setCoords(0.995, level.value);
    panel.levelTexts.append(text);
  }
}

}  // namespace moesim::gui
