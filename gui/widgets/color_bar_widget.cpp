#include "gui/widgets/color_bar_widget.hpp"

#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/widgets/theme.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

constexpr int kBarWidth = 16;
constexpr int kTickLength = 4;
constexpr int kGap = 4;
/// Numbers of open ends take the place of ticks beside them.
constexpr double kBesideEnd = 0.06;

QString numberText(double number) {
  return QString::number(number, 'g', 3);
}

}  // namespace

ColorBarWidget::ColorBarWidget(QWidget* parent) : QWidget(parent), m_map(&pictures::sequential_map()) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

void ColorBarWidget::setColors(const pictures::ColorMap& map, const pictures::ColorScale& scale) {
  m_map = &map;
  m_scale = scale;
  updateGeometry();
  update();
}

void ColorBarWidget::setOpenEnds(bool low, bool high) {
  m_isLowOpen = low;
  m_isHighOpen = high;
  updateGeometry();
  update();
}

void ColorBarWidget::setUnit(const QString& unit) {
  m_unit = unit;
  update();
}

QRect ColorBarWidget::barRect() const {
  // Level with the plots beside it.
  const int line = fontMetrics().height();
  return {kGap, line + 4, kBarWidth, std::max(8, height() - 3 * line - 13)};
}

QVector<AxisTick> ColorBarWidget::ticks() const {
  const int count = std::max(2, barRect().height() / (5 * fontMetrics().height() / 2));
  const auto numbers = m_scale.logarithmic ? pictures::log_ticks(m_scale.low, m_scale.high, count)
                                           : pictures::linear_ticks(m_scale.low, m_scale.high, count);
  QVector<AxisTick> ticks;
  for (const pictures::Tick& tick : numbers) {
    const double position = m_scale.position(tick.at);
    if ((m_isHighOpen && position > 1 - kBesideEnd) || (m_isLowOpen && position < kBesideEnd)) continue;
    ticks.append({position, QString::fromStdString(tick.label)});
  }
  if (m_isHighOpen) ticks.append({1, QStringLiteral("\u2265 %1").arg(numberText(m_scale.high))});
  if (m_isLowOpen) ticks.append({0, QStringLiteral("\u2264 %1").arg(numberText(m_scale.low))});
  return ticks;
}

QSize ColorBarWidget::sizeHint() const {
  int widest = fontMetrics().horizontalAdvance(QStringLiteral("\u2265 0.00"));
  for (const AxisTick& tick : ticks()) widest = std::max(widest, fontMetrics().horizontalAdvance(tick.label));
  return {kGap + kBarWidth + kTickLength + 2 * kGap + widest + kGap + fontMetrics().height(), 120};
}

QSize ColorBarWidget::minimumSizeHint() const {
  return {sizeHint().width(), 60};
}

void ColorBarWidget::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const pictures::Theme& theme = pictureTheme(palette());
  painter.fillRect(rect(), qColor(theme.background));
  const QRect bar = barRect();
  for (int y = 0; y < bar.height(); ++y) {
    const double position = 1 - (y + 0.5) / bar.height();
    painter.fillRect(bar.x(), bar.y() + y, bar.width(), 1, qColor(pictures::color_at(*m_map, position)));
  }
  painter.setPen(qColor(theme.frame));
  painter.drawRect(bar.adjusted(-1, -1, 0, 0));
  const int line = fontMetrics().height();
  const int left = bar.right() + 1 + kTickLength + kGap;
  for (const AxisTick& tick : ticks()) {
    const int y = bar.bottom() - static_cast<int>(std::lround(tick.cell * (bar.height() - 1)));
    painter.setPen(qColor(theme.frame));
    painter.drawLine(bar.right() + 1, y, bar.right() + kTickLength, y);
    painter.setPen(qColor(theme.text));
    painter.drawText(QRect(left, y - line, width() - left, 2 * line), Qt::AlignLeft | Qt::AlignVCenter,
                     tick.label);
  }
  painter.setPen(qColor(theme.muted));
  painter.translate(width() - line, height());
  painter.rotate(-90);
  painter.drawText(QRect(0, 0, height(), line), Qt::AlignCenter,
                   fontMetrics().elidedText(m_unit, Qt::ElideRight, height()));
}

void ColorBarWidget::wheelEvent(QWheelEvent* event) {
  constexpr double kOfNotch = 0.9;
  Q_EMIT highScaled(std::pow(kOfNotch, event->angleDelta().y() / 120.0));
  event->accept();
}

void ColorBarWidget::mouseDoubleClickEvent(QMouseEvent* /*event*/) {
  Q_EMIT fitAsked();
}

}  // namespace moesim::gui
