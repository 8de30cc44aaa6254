#include "gui/views/load_curve.hpp"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gui/widgets/theme.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr int kBandAlpha = 70;

/// The least and the greatest of values [first, end), NaN where none is a number.
std::pair<float, float> extremesOf(const std::vector<float>& values, int first, int end) {
  std::pair<float, float> found{kNone, kNone};
  for (int i = first; i < end; ++i) {
    const float value = values[static_cast<std::size_t>(i)];
    if (std::isnan(value)) continue;
    found.first = std::isnan(found.first) ? value : std::min(found.first, value);
    found.second = std::isnan(found.second) ? value : std::max(found.second, value);
  }
  return found;
}

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
  Side side{m_titles.value(at), at, {}, {}, {}, {}, {}};
  const auto measured = [this](float violation) {
    return m_measure == ImbalanceMeasure::balancedness ? balancednessOf(violation) : violation;
  };
  const auto layer = history.violations(m_scene->layer());
  const auto steps = history.cube().steps();
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const ViolationRange& range = history.violationRanges()[step];
    side.columns.push_back(m_scene->columns()->columnOf(steps[step]));
    side.layer.push_back(layer.empty() ? kNone : measured(layer[step]));
    side.mean.push_back(measured(range.mean));
    // More violation is less balance.
    const float one = measured(range.least);
    const float other = measured(range.greatest);
    side.least.push_back(std::min(one, other));
    side.greatest.push_back(std::max(one, other));
  }
  return side;
}

void LoadCurve::fill() {
  m_sides.clear();
  // A step of its own is no curve.
  const int first = m_scene && m_scene->spec().firstStep ? 1 : 0;
  for (int side = first; m_scene && side < m_scene->numSides(); ++side) m_sides.push_back(sideOf(side));
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
  QStringList lines;
  const auto text = [](float value) { return QString::number(static_cast<double>(value), 'g', 3); };
  for (const Side& side : m_sides) {
    const auto after = std::ranges::upper_bound(side.columns, cell.x());
    if (after == side.columns.begin()) continue;
    const auto at = static_cast<std::size_t>(after - side.columns.begin()) - 1;
    const QString head = m_sides.size() > 1 ? side.title + QStringLiteral(", ") : QString();
    lines.append(head + tr("step %1").arg(columnAxis().label(side.columns[at])));
    if (!std::isnan(side.layer[at]))
      lines.append(tr("%1 %2 of %3").arg(rowTitle(), text(side.layer[at]), layerText(m_scene->layer())));
    if (m_scene->layers().size() > 1 && !std::isnan(side.mean[at]))
      lines.append(tr("mean of layers %1, from %2 to %3")
                       .arg(text(side.mean[at]), text(side.least[at]), text(side.greatest[at])));
  }
  return lines.join(QLatin1Char('\n'));
}

/// A place for each step shown, or for each pixel column where steps are closer than pixels.
std::vector<LoadCurve::Place> LoadCurve::placesOf(const Side& side) const {
  const auto indexOf = [&side](double column) {
    return static_cast<int>(std::ranges::lower_bound(side.columns, column) - side.columns.begin());
  };
  const auto count = static_cast<int>(side.columns.size());
  const int first = std::max(0, indexOf(columnWindow().first) - 1);
  const int end = std::min(count, indexOf(columnWindow().end) + 1);
  const QRect plot = plotRect();
  std::vector<Place> places;
  if (end - first <= plot.width()) {
    for (int i = first; i < end; ++i)
      places.push_back({xOf(side.columns[static_cast<std::size_t>(i)] + 0.5), {i, i + 1}});
    return places;
  }
  for (int x = 0; x < plot.width(); ++x) {
    const Range range{indexOf(cellAt(columnWindow(), x, plot.width()) - 0.5),
                      indexOf(cellAt(columnWindow(), x + 1, plot.width()) - 0.5)};
    if (range.first < range.end) places.push_back({plot.x() + x + 0.5, range});
  }
  return places;
}

void LoadCurve::paintLine(QPainter& painter, const std::vector<Place>& places,
                          const std::vector<float>& values) const {
  QPolygonF line;
  const auto finish = [&] {
    if (line.size() == 1) painter.drawEllipse(line.first(), 2, 2);
    painter.drawPolyline(line);
    line.clear();
  };
  for (const Place& place : places) {
    const auto [least, greatest] = extremesOf(values, place.steps.first, place.steps.end);
    if (std::isnan(least)) {
      finish();
      continue;
    }
    line.append(QPointF(place.x, yOfValue(least)));
    if (greatest > least) line.append(QPointF(place.x, yOfValue(greatest)));
  }
  finish();
}

void LoadCurve::paintBand(QPainter& painter, const std::vector<Place>& places, const Side& side) const {
  QPolygonF upper;
  QPolygonF lower;
  const auto finish = [&] {
    std::ranges::reverse(lower);
    painter.drawPolygon(upper + lower);
    upper.clear();
    lower.clear();
  };
  for (const Place& place : places) {
    const float greatest = extremesOf(side.greatest, place.steps.first, place.steps.end).second;
    if (std::isnan(greatest)) {
      finish();
      continue;
    }
    upper.append(QPointF(place.x, yOfValue(greatest)));
    lower.append(
        QPointF(place.x, yOfValue(extremesOf(side.least, place.steps.first, place.steps.end).first)));
  }
  finish();
}

void LoadCurve::paintContent(QPainter& painter) {
  painter.fillRect(plotRect(), qColor(pictureTheme(palette()).background));
  painter.setPen(qColor(pictureTheme(palette()).grid));
  for (const AxisTick& tick : rowTicks()) {
    const auto y = static_cast<int>(std::lround(yOfValue(tick.cell)));
    painter.drawLine(plotRect().left(), y, plotRect().right(), y);
  }
  painter.setRenderHint(QPainter::Antialiasing);
  for (const Side& side : m_sides) {
    const QColor color = sideColor(m_sides.size() > 1 ? side.side : 0, palette());
    const std::vector<Place> places = placesOf(side);
    if (m_scene->layers().size() > 1) {
      QColor fill = color;
      fill.setAlpha(kBandAlpha);
      painter.setPen(Qt::NoPen);
      painter.setBrush(fill);
      paintBand(painter, places, side);
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(color, 1, Qt::DashLine));
      paintLine(painter, places, side.mean);
    }
    painter.setPen(QPen(color, 1.6));
    paintLine(painter, places, side.layer);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

}  // namespace moesim::gui
