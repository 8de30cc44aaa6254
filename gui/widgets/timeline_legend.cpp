#include "gui/widgets/timeline_legend.hpp"

#include <QPainter>
#include <algorithm>

#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kGap = 14;    ///< between items
constexpr int kInside = 5;  ///< between colour and text

}  // namespace

void TimelineLegend::setItems(const QVector<TimelineLegendItem>& items) {
  m_items = items;
  updateGeometry();
  update();
}

QVector<QRect> TimelineLegend::places(int width) const {
  const QFontMetrics metrics = fontMetrics();
  const int line = metrics.height() + 3;
  QVector<QRect> places;
  int x = 0;
  int y = 0;
  for (const TimelineLegendItem& item : m_items) {
    const int own = metrics.height() + kInside + metrics.horizontalAdvance(item.text) + 2;
    if (x > 0 && x + own > width) {
      x = 0;
      y += line;
    }
    places.append(QRect(x, y, own, line));
    x += own + kGap;
  }
  return places;
}

int TimelineLegend::heightForWidth(int width) const {
  const auto all = places(width);
  return all.isEmpty() ? 0 : all.last().bottom() + 1;
}

QSize TimelineLegend::minimumSizeHint() const {
  int widest = 0;
  for (const QRect& place : places(1)) widest = std::max(widest, place.width());
  return {widest, m_items.isEmpty() ? 0 : fontMetrics().height() + 3};
}

void TimelineLegend::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const pictures::Theme& theme = pictureTheme(palette());
  const auto all = places(width());
  for (qsizetype i = 0; i < m_items.size(); ++i) {
    const int size = fontMetrics().height() - 4;
    const QRect swatch(all[i].left(), all[i].top() + 3, size, size);
    painter.fillRect(swatch, QColor::fromRgb(m_items[i].color));
    painter.setPen(qColor(theme.frame));
    painter.drawRect(swatch.adjusted(0, 0, -1, -1));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(all[i].adjusted(size + kInside, 0, kGap, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     m_items[i].text);
  }
}

}  // namespace moesim::gui
