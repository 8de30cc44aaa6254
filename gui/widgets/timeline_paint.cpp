#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "gui/widgets/theme.hpp"
#include "gui/widgets/timeline_widget.hpp"

namespace moesim::gui {
namespace {

constexpr int kMargin = 6;
constexpr int kRangeAlpha = 48;

/// A triangle that points down, or to the right for what is collapsed.
void paintTriangle(QPainter& painter, QPointF at, double size, bool isCollapsed) {
  const QPolygonF shape = isCollapsed
                              ? QPolygonF({at, at + QPointF(0, size), at + QPointF(0.8 * size, 0.5 * size)})
                              : QPolygonF({at, at + QPointF(size, 0), at + QPointF(0.5 * size, 0.8 * size)});
  painter.drawPolygon(shape);
}

/// A pin: a disc on a needle, filled where it holds.
void paintPin(QPainter& painter, QPointF at, double size, bool isPinned, const QColor& color) {
  painter.setPen(color);
  painter.setBrush(isPinned ? QBrush(color) : QBrush(Qt::NoBrush));
  painter.drawEllipse(at + QPointF(0.5 * size, 0.3 * size), 0.3 * size, 0.3 * size);
  painter.drawLine(at + QPointF(0.5 * size, 0.6 * size), at + QPointF(0.5 * size, size));
}

}  // namespace

void TimelineWidget::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(viewport());
  const pictures::Theme& theme = pictureTheme(palette());
  painter.fillRect(viewport()->rect(), qColor(theme.background));
  if (!m_scene) return;
  paintPicture(painter);
  paintSelections(painter);
  paintLabels(painter);
  paintAxis(painter);
}

void TimelineWidget::paintPicture(QPainter& painter) const {
  if (m_picture.isNull()) return;
  const QRect area = body();
  painter.save();
  painter.setClipRect(area);
  // Until the new picture is there, the old one where its time is now.
  const TimelineAxis now = axis();
  const QRectF target(
      QPointF(now.xOf(m_pictureRange.start), area.top()),
      QPointF(now.xOf(m_pictureRange.end), area.top() + m_picture.height() / m_picture.devicePixelRatio()));
  painter.drawImage(target, m_picture, m_picture.rect());
  painter.restore();
}

void TimelineWidget::paintSelections(QPainter& painter) const {
  const QRect area = body();
  painter.save();
  painter.setClipRect(area);
  const TimelineAxis now = axis();
  const pictures::Theme& theme = pictureTheme(palette());
  if (const auto range = m_state.selectedRange()) {
    QColor color = palette().color(QPalette::Highlight);
    const QRectF rect(QPointF(now.xOf(range->start), area.top()),
                      QPointF(now.xOf(range->end), area.bottom()));
    painter.setPen(color);
    painter.drawLine(rect.topLeft(), rect.bottomLeft());
    painter.drawLine(rect.topRight(), rect.bottomRight());
    color.setAlpha(kRangeAlpha);
    painter.fillRect(rect, color);
  }
  if (const auto time = m_state.hoverTime()) {
    painter.setPen(QPen(qColor(theme.muted), 1, Qt::DotLine));
    painter.drawLine(QPointF(now.xOf(*time), area.top()), QPointF(now.xOf(*time), area.bottom()));
  }
  painter.setBrush(Qt::NoBrush);
  if (m_hovered) {
    painter.setPen(QPen(qColor(theme.text), 1));
    painter.drawRect(rectOf(*m_hovered).adjusted(0, 0, -1, -1));
  }
  if (const auto span = chosenSpan()) {
    painter.setPen(QPen(qColor(theme.text), 2));
    painter.drawRect(rectOf(*span).adjusted(1, 1, -1, -1));
  }
  painter.restore();
}

void TimelineWidget::paintLabels(QPainter& painter) const {
  const pictures::Theme& theme = pictureTheme(palette());
  const int width = labelWidth();
  const int text = fontMetrics().height();
  const int top = axisHeight();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(0, 0, width, viewport()->height(), palette().color(QPalette::Window));
  for (const TimelineLine& line : m_rows.lines()) {
    const int first = top + (line.isPinned ? 0 : m_rows.pinnedHeight());
    const int y = top + m_rows.topOf(line, scroll());
    if (y + line.height <= first || y >= viewport()->height()) continue;
    painter.setClipRect(0, first, viewport()->width(), viewport()->height() - first);
    if (line.isHead) {
      painter.setPen(qColor(theme.grid));
      painter.drawLine(QPointF(0, y - 0.5), QPointF(viewport()->width(), y - 0.5));
    }
    QFont labelFont = font();
    labelFont.setBold(line.isHead);
    painter.setFont(labelFont);
    painter.setPen(qColor(line.isHead ? theme.text : theme.muted));
    painter.drawText(QRect(kMargin + text, y, width - text - kMargin, std::min(line.height, 2 * text)),
                     Qt::AlignLeft | Qt::AlignVCenter, line.label);
    if (!line.isHead) continue;
    const double middle = y + std::min(line.height, 2 * text) / 2.0;
    painter.setBrush(qColor(theme.muted));
    painter.setPen(Qt::NoPen);
    if (line.hasMore) paintTriangle(painter, {kMargin, middle - 0.3 * text}, 0.6 * text, line.isCollapsed);
    paintPin(painter, {static_cast<double>(width - kMargin - text), middle - 0.4 * text}, 0.8 * text,
             line.isPinned, qColor(line.isPinned ? theme.text : theme.grid));
  }
  if (m_rows.pinnedHeight() > 0) {
    painter.setClipping(false);
    painter.setPen(QPen(qColor(theme.frame), 2));
    const int y = top + m_rows.pinnedHeight();
    painter.drawLine(0, y, viewport()->width(), y);
  }
  painter.restore();
}

void TimelineWidget::paintAxis(QPainter& painter) const {
  const pictures::Theme& theme = pictureTheme(palette());
  const QRect area = body();
  const QFontMetrics metrics = fontMetrics();
  painter.save();
  painter.fillRect(0, 0, viewport()->width(), area.top(), palette().color(QPalette::Window));
  const TimelineAxis now = axis();
  // As many labels as fit; wider ones want fewer.
  QVector<TimelineTick> ticks;
  int widest = metrics.horizontalAdvance(QStringLiteral("000 ms"));
  for (int attempt = 0; attempt < 3; ++attempt) {
    ticks = timelineTicks(now.range, std::max(1, area.width() / (widest + 24)));
    int needed = 0;
    for (const TimelineTick& tick : ticks) needed = std::max(needed, metrics.horizontalAdvance(tick.label));
    if (needed <= widest) break;
    widest = needed;
  }
  for (const TimelineTick& tick : ticks) {
    const double x = now.xOf(tick.time);
    painter.setPen(qColor(theme.frame));
    painter.drawLine(QPointF(x, area.top() - 4), QPointF(x, area.top()));
    const double half = 0.5 * metrics.horizontalAdvance(tick.label) + 1;
    // Labels at the ends are moved inside.
    const double right = viewport()->width() - half;
    const double middle = std::clamp(x, std::min(area.left() + half, right), right);
    painter.setPen(qColor(theme.text));
    painter.drawText(QRectF(middle - half, 0, 2 * half, area.top() - 4), Qt::AlignCenter, tick.label);
  }
  painter.setPen(qColor(theme.frame));
  painter.drawLine(0, area.top() - 1, viewport()->width(), area.top() - 1);
  if (!m_title.isEmpty()) {
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(qColor(theme.text));
    const int room = labelWidth() - 2 * kMargin;
    painter.drawText(QRect(kMargin, 0, room, area.top() - 1), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(bold).elidedText(m_title, Qt::ElideRight, room));
  }
  painter.restore();
}

}  // namespace moesim::gui
