#include "gui/views/load_curve.hpp"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>

#include "gui/widgets/theme.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr int kBandAlpha = 70;

}  // namespace

QColor sideColor(int side, const QPalette& palette) {
  return side == 0 ? qColor(pictureTheme(palette).curve) : categoryColor(5);
}

void LoadCurve::setScene(const ScenePtr& scene, const QStringList& titles) {
  m_scene = scene;
  m_titles = titles;
  fill();
}

void LoadCurve::setMeasure(ImbalanceMeasure measure) {
  m_measure = measure;
  fill();
}

void LoadCurve::setLogarithmic(bool logarithmic) {
  m_logarithmic = logarithmic;
  fill();
}

bool LoadCurve::isLogarithmic() const {
  return m_logarithmic && m_measure == ImbalanceMeasure::maxViolation;
}

LoadCurve::Side LoadCurve::sideOf(int at) const {
  const LoadHistory& history = *m_scene->side(at);
  const auto count = static_cast<std::size_t>(m_scene->columns()->count());
  Side side{m_titles.value(at), {}, {}, {}, {}};
  for (auto* values : {&side.layer, &side.least, &side.mean, &side.greatest}) values->assign(count, kNone);
  const auto measured = [this](float violation) {
    return m_measure == ImbalanceMeasure::balancedness ? balancednessOf(violation) : violation;
  };
  const auto layer = history.violations(m_scene->layer());
  for (std::size_t step = 0; step < history.cube().steps().size(); ++step) {
    const auto column = static_cast<std::size_t>(m_scene->columns()->columnOf(history.cube().steps()[step]));
    const ViolationRange& range = history.violationRanges()[step];
    if (!layer.empty()) side.layer[column] = measured(layer[step]);
    side.mean[column] = measured(range.mean);
    // More violation is less balance.
    side.least[column] = std::min(measured(range.least), measured(range.greatest));
    side.greatest[column] = std::max(measured(range.least), measured(range.greatest));
  }
  return side;
}

void LoadCurve::fill() {
  m_sides.clear();
  for (int side = 0; m_scene && side < m_scene->numSides(); ++side) m_sides.push_back(sideOf(side));
  double most = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const Side& side : m_sides) {
    for (std::size_t i = 0; i < side.mean.size(); ++i) {
      if (side.greatest[i] > most) most = side.greatest[i];
      if (side.least[i] > 0 && side.least[i] < least) least = side.least[i];
    }
  }
  m_low = 0;
  m_high = m_measure == ImbalanceMeasure::balancedness ? 1 : (most > 0 ? 1.05 * most : 1);
  if (isLogarithmic()) m_low = std::clamp(0.9 * least, m_high / 1e4, m_high / 2);
  update();
}

double LoadCurve::yOfValue(double value) const {
  const QRect plot = plotRect();
  const pictures::ColorScale scale{m_low, m_high, isLogarithmic()};
  return plot.bottom() - scale.position(value) * (plot.height() - 1);
}

QString LoadCurve::rowTitle() const {
  return m_measure == ImbalanceMeasure::balancedness ? tr("mean / max") : tr("MaxVio");
}

QVector<AxisTick> LoadCurve::rowTicks() const {
  const int count = std::max(2, (height() - 4 * fontMetrics().height()) / (2 * fontMetrics().height()));
  QVector<AxisTick> ticks;
  const auto numbers = isLogarithmic() ? pictures::log_ticks(m_low, m_high, count)
                                       : pictures::linear_ticks(m_low, m_high, count);
  for (const pictures::Tick& tick : numbers) ticks.append({tick.at, QString::fromStdString(tick.label)});
  return ticks;
}

QString LoadCurve::hoverText(QPoint cell) const {
  if (!m_scene || cell.x() < 0 || cell.x() >= m_scene->columns()->count()) return {};
  QStringList lines{tr("step %1").arg(columnAxis().label(cell.x()))};
  const auto column = static_cast<std::size_t>(cell.x());
  const auto text = [](float value) { return QString::number(static_cast<double>(value), 'g', 3); };
  for (const Side& side : m_sides) {
    const QString head = m_sides.size() > 1 ? side.title + QStringLiteral(": ") : QString();
    if (std::isnan(side.mean[column])) {
      lines.append(head + tr("no rows"));
      continue;
    }
    if (!std::isnan(side.layer[column]))
      lines.append(head +
                   tr("%1 %2 of %3").arg(rowTitle(), text(side.layer[column]), layerText(m_scene->layer())));
    if (m_scene->layers().size() > 1)
      lines.append(head +
                   tr("mean of layers %1, from %2 to %3")
                       .arg(text(side.mean[column]), text(side.least[column]), text(side.greatest[column])));
  }
  return lines.join(QLatin1Char('\n'));
}

float LoadCurve::reduced(const std::vector<float>& values, int first, int end, Of of) const {
  float found = kNone;
  for (int i = first; i < end; ++i) {
    const float value = values[static_cast<std::size_t>(i)];
    if (std::isnan(value)) continue;
    if (std::isnan(found) || (of == Of::least ? value < found : value > found)) found = value;
  }
  return found;
}

QVector<QPolygonF> LoadCurve::linesOf(const std::vector<float>& values) const {
  QVector<QPolygonF> lines;
  bool isBroken = true;
  const auto add = [&](double x, float value) {
    if (std::isnan(value)) {
      isBroken = true;
      return;
    }
    if (isBroken) lines.append(QPolygonF());
    isBroken = false;
    lines.last().append(QPointF(x, yOfValue(value)));
  };
  const QRect plot = plotRect();
  const auto count = static_cast<int>(values.size());
  if (columnWindow().length() <= plot.width()) {
    const int first = std::max(0, static_cast<int>(columnWindow().first) - 1);
    const int end = std::min(count, static_cast<int>(columnWindow().end) + 2);
    for (int i = first; i < end; ++i) add(xOf(i + 0.5), values[static_cast<std::size_t>(i)]);
    return lines;
  }
  for (int x = 0; x < plot.width(); ++x) {
    const int first = std::clamp(static_cast<int>(cellAt(columnWindow(), x, plot.width())), 0, count);
    const int end =
        std::clamp(static_cast<int>(std::ceil(cellAt(columnWindow(), x + 1, plot.width()))), first, count);
    add(plot.x() + x + 0.5, reduced(values, first, end, Of::least));
    add(plot.x() + x + 0.5, reduced(values, first, end, Of::greatest));
  }
  return lines;
}

void LoadCurve::paintBand(QPainter& painter, const Side& side, const QColor& color) const {
  QColor fill = color;
  fill.setAlpha(kBandAlpha);
  const QRect plot = plotRect();
  const auto count = static_cast<int>(side.least.size());
  for (int x = 0; x < plot.width(); ++x) {
    const int first =
        std::clamp(static_cast<int>(std::floor(cellAt(columnWindow(), x, plot.width()))), 0, count);
    const int end =
        std::clamp(static_cast<int>(std::ceil(cellAt(columnWindow(), x + 1, plot.width()))), first, count);
    const float least = reduced(side.least, first, end, Of::least);
    const float greatest = reduced(side.greatest, first, end, Of::greatest);
    if (std::isnan(least)) continue;
    const double top = yOfValue(greatest);
    painter.fillRect(QRectF(plot.x() + x, top, 1, std::max(1.0, yOfValue(least) - top)), fill);
  }
}

void LoadCurve::paintContent(QPainter& painter) {
  painter.setPen(qColor(pictureTheme(palette()).grid));
  for (const AxisTick& tick : rowTicks()) {
    const auto y = static_cast<int>(std::lround(yOfValue(tick.cell)));
    painter.drawLine(plotRect().left(), y, plotRect().right(), y);
  }
  painter.setRenderHint(QPainter::Antialiasing);
  for (std::size_t at = 0; at < m_sides.size(); ++at) {
    const Side& side = m_sides[at];
    const QColor color = sideColor(static_cast<int>(at), palette());
    if (m_scene->layers().size() > 1) {
      paintBand(painter, side, color);
      painter.setPen(QPen(color, 1, Qt::DashLine));
      for (const QPolygonF& line : linesOf(side.mean)) painter.drawPolyline(line);
    }
    painter.setPen(QPen(color, 1.6));
    for (const QPolygonF& line : linesOf(side.layer)) {
      if (line.size() == 1) painter.drawEllipse(line.first(), 2, 2);
      painter.drawPolyline(line);
    }
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

}  // namespace moesim::gui
