#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/models/view_state.hpp"
#include "gui/widgets/plot_canvas.hpp"
#include "gui/widgets/plot_widget.hpp"

namespace moesim::gui {
namespace {

constexpr double kReach = 14;  // pixels from a point
constexpr int kMaxLines = 16;  // of a tooltip

double decades(double low, double high, bool isLog) {
  return isLog ? std::log10(high / low) : high - low;
}

QString pointText(const PlotPicture& picture, int panel, const PlotHit& hit) {
  const PlotCurve& curve = picture.panels[panel].curves[hit.curve];
  QStringList lines;
  if (!curve.name.isEmpty()) lines.append(curve.name);
  if (const QString note = curve.notes.value(hit.index); !note.isEmpty()) lines.append(note);
  const auto line = [&](const PlotAxis& axis, double value) {
    const QString text = valueText(value, axis);
    lines.append(axis.label.isEmpty() ? text : QStringLiteral("%1: %2").arg(axis.label, text));
  };
  line(picture.x, curve.x[hit.index]);
  line(picture.panels[panel].y, curve.y[hit.index]);
  if (hit.index < curve.low.size() && hit.index < curve.high.size() && std::isfinite(curve.low[hit.index]))
    lines.append(QStringLiteral("%1 to %2")
                     .arg(valueText(curve.low[hit.index], picture.panels[panel].y),
                          valueText(curve.high[hit.index], picture.panels[panel].y)));
  return lines.join(QLatin1Char('\n'));
}

QString barText(const PlotPicture& picture, int panel, const PlotHit& hit) {
  const PlotPanel& spec = picture.panels[panel];
  const PlotBars& bars = spec.bars[hit.bars];
  const double value = bars.values[hit.index];
  double total = 0;
  int others = 0;
  for (const PlotBars& other : spec.bars) {
    const double part = other.values.value(hit.index, 0);
    if (other.group != bars.group || !std::isfinite(part)) continue;
    total += part;
    ++others;
  }
  QStringList lines;
  if (!picture.x.categories.isEmpty())
    lines.append(picture.x.label.isEmpty()
                     ? picture.x.categories.value(hit.index)
                     : QStringLiteral("%1 %2").arg(picture.x.label, picture.x.categories.value(hit.index)));
  QString text = valueText(value, spec.y);
  if (others > 1 && total > 0) {
    text += QStringLiteral(", %1 % of %2").arg(100 * value / total, 0, 'f', 1).arg(valueText(total, spec.y));
  }
  lines.append(bars.name.isEmpty() ? text : QStringLiteral("%1: %2").arg(bars.name, text));
  return lines.join(QLatin1Char('\n'));
}

/// Every curve of the panel at x.
QString timeText(const PlotPicture& picture, int panel, double x) {
  QStringList lines{QStringLiteral("%1: %2").arg(picture.x.label, valueText(x, picture.x))};
  for (const PlotCurve& curve : picture.panels[panel].curves) {
    const auto value = valueNear(curve, x);
    if (!value) continue;
    if (lines.size() >= kMaxLines) {
      lines.append(QStringLiteral("\u2026"));
      break;
    }
    lines.append(QStringLiteral("%1: %2").arg(curve.name, valueText(*value, picture.panels[panel].y)));
  }
  return lines.join(QLatin1Char('\n'));
}

}  // namespace

std::optional<PlotHit> PlotWidget::hitAt(int panel, const QPointF& place) const {
  const PlotPanel& spec = picture().panels[panel];
  const QRect rect = m_canvas->panelRect(panel);
  const double x = m_canvas->xAt(place.x());
  const double y = m_canvas->yAt(panel, place.y());
  const double perX = rect.width() / decades(rangeX().low, rangeX().high, picture().x.isLog);
  const double perY = rect.height() / decades(rangeY(panel).low, rangeY(panel).high, spec.y.isLog);
  if (const auto hit = nearestPoint(spec, picture().x, x, y, perX, perY, kReach)) return hit;
  return barAt(spec, x, y);
}

QString PlotWidget::hoverText(const QPointF& place) const {
  const QPointF inCanvas = place - QPointF(m_canvas->pos());
  const int panel = m_canvas->panelAt(inCanvas);
  if (panel < 0) return {};
  if (m_state) return timeText(picture(), panel, m_canvas->xAt(inCanvas.x()));
  const auto hit = hitAt(panel, inCanvas);
  if (!hit) return {};
  return hit->curve >= 0 ? pointText(picture(), panel, *hit) : barText(picture(), panel, *hit);
}

bool PlotWidget::eventFilter(QObject* object, QEvent* event) {
  if (object != m_canvas) return QWidget::eventFilter(object, event);
  switch (event->type()) {
    case QEvent::Wheel:
      wheel(static_cast<QWheelEvent*>(event));
      return true;
    case QEvent::MouseButtonPress:
      press(static_cast<QMouseEvent*>(event));
      return true;
    case QEvent::MouseMove:
      move(static_cast<QMouseEvent*>(event));
      return true;
    case QEvent::MouseButtonRelease:
      release(static_cast<QMouseEvent*>(event));
      return true;
    case QEvent::MouseButtonDblClick:
      fit();
      return true;
    case QEvent::Leave:
      if (m_state) m_state->setHoverTime({});
      return false;
    default:
      return false;
  }
}

void PlotWidget::wheel(QWheelEvent* event) {
  const QPoint turned = event->angleDelta();
  const int notches = turned.y() != 0 ? turned.y() : turned.x();
  if (notches == 0 || picture().panels.isEmpty()) return;
  constexpr double kNotch = 120;
  if (event->modifiers().testFlag(Qt::ShiftModifier) || turned.y() == 0)
    panBy(-0.1 * notches / kNotch);
  else
    zoomBy(std::pow(0.8, notches / kNotch), event->position());
  event->accept();
}

void PlotWidget::press(QMouseEvent* event) {
  m_canvas->setFocus();
  if (event->button() != Qt::LeftButton || picture().panels.isEmpty()) return;
  if (m_state && event->modifiers().testFlag(Qt::ShiftModifier)) {
    m_selectFrom = m_canvas->xAt(event->position().x());
    m_state->setSelectedRange({});
    return;
  }
  m_pressed = event->position();
  m_dragged = event->position();
  m_isDragging = false;
}

void PlotWidget::move(QMouseEvent* event) {
  constexpr double kDragPixels = 4;
  if (m_selectFrom) selectTo(event->position().x());
  if (m_pressed) {
    if (!m_isDragging && (event->position() - *m_pressed).manhattanLength() > kDragPixels) {
      m_isDragging = true;
      if (!m_state) push();
    }
    if (m_isDragging) {
      pan(event->position() - m_dragged);
      m_dragged = event->position();
      return;
    }
  }
  const int panel = m_canvas->panelAt(event->position());
  if (m_state)
    m_state->setHoverTime(panel >= 0 ? std::optional(m_canvas->xAt(event->position().x())) : std::nullopt);
  const QString text = hoverText(event->position() + QPointF(m_canvas->pos()));
  if (text.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(event->globalPosition().toPoint() + QPoint(12, 12), text, m_canvas);
}

void PlotWidget::selectTo(double pixel) {
  const double x = m_canvas->xAt(pixel);
  m_state->setSelectedRange(TimeRange{std::min(x, *m_selectFrom), std::max(x, *m_selectFrom)});
}

void PlotWidget::release(QMouseEvent* event) {
  m_selectFrom.reset();
  const bool isClick = m_pressed && !m_isDragging && event->button() == Qt::LeftButton;
  m_pressed.reset();
  m_isDragging = false;
  const int panel = m_canvas->panelAt(event->position());
  if (!isClick || panel < 0 || m_state) return;
  const auto hit = hitAt(panel, event->position());
  if (hit && hit->curve >= 0) Q_EMIT pointClicked(panel, hit->curve, hit->index);
}

}  // namespace moesim::gui
