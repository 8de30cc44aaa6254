#include "gui/windows/scenario_memory_bar.hpp"

#include <QPainter>
#include <algorithm>

#include "gui/widgets/theme.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

constexpr int kGap = 6;

QString bytesText(double bytes) {
  return QString::fromStdString(metric_text(bytes, MetricUnit::bytes));
}

}  // namespace

MemoryBar::MemoryBar(QWidget* parent) : ScenarioPicture(tr("Memory of a GPU"), parent) {}

void MemoryBar::setPicture(const PlanPicture& picture) {
  m_picture = picture;
  showAnew();
}

int MemoryBar::rowHeight() const {
  return fontMetrics().height() + 2;
}

int MemoryBar::labelWidth() const {
  int width = 0;
  for (const MemoryStack& stack : m_picture.memory)
    width = std::max(width, fontMetrics().horizontalAdvance(stack.label));
  return width + kGap;
}

int MemoryBar::legendLines(int width) const {
  int lines = 1;
  int x = 0;
  for (const QString& item : m_picture.items) {
    const int needed = fontMetrics().horizontalAdvance(item) + rowHeight() + 2 * kGap;
    if (x > 0 && x + needed > width) {
      ++lines;
      x = 0;
    }
    x += needed;
  }
  return lines;
}

QSize MemoryBar::sizeHint() const {
  const int lines = static_cast<int>(m_picture.memory.size()) + 2 + legendLines(std::max(width(), 200));
  return {fontMetrics().averageCharWidth() * 60, lines * rowHeight() + 2 * kGap};
}

QSize MemoryBar::minimumSizeHint() const {
  return {fontMetrics().averageCharWidth() * 30, sizeHint().height()};
}

double MemoryBar::scaleEnd() const {
  double end = 0;
  for (const MemoryStack& stack : m_picture.memory)
    end = std::max({end, stack.capacity, stack.total + stack.reserve});
  return end > 0 ? end : 1;
}

QRectF MemoryBar::barRect(int stack) const {
  const int left = labelWidth();
  const int right = fontMetrics().horizontalAdvance(QStringLiteral("888.8 GB")) + kGap;
  return QRectF(left, (stack + 1) * rowHeight() + 1, std::max(10, width() - left - right), rowHeight() - 3);
}

QString MemoryBar::headline() const {
  const auto fullest = std::ranges::max_element(
      m_picture.memory, {}, [](const MemoryStack& one) { return one.total + one.reserve - one.capacity; });
  if (fullest == m_picture.memory.end()) return {};
  QString text =
      tr("%1 of %2 on %3").arg(bytesText(fullest->total), bytesText(fullest->capacity), fullest->label);
  if (fullest->reserve > 0) text += tr(", %1 kept free").arg(bytesText(fullest->reserve));
  return fullest->fits() ? text : text + tr(": does not fit");
}

void MemoryBar::drawStack(QPainter& painter, int stack) const {
  const MemoryStack& one = m_picture.memory[stack];
  const QRectF bar = barRect(stack);
  const double scale = bar.width() / scaleEnd();
  const pictures::Theme& theme = pictureTheme(palette());
  painter.setPen(qColor(theme.text));
  painter.drawText(QRectF(0, bar.top() - 1, labelWidth() - kGap, bar.height() + 2),
                   Qt::AlignRight | Qt::AlignVCenter, one.label);
  painter.fillRect(bar, qColor(theme.grid));
  double x = bar.left();
  for (int item = 0; item < one.bytes.size(); ++item) {
    const double width = one.bytes[item] * scale;
    painter.fillRect(QRectF(x, bar.top(), width, bar.height()), categoryColor(item));
    x += width;
  }
  const double limit = bar.left() + one.capacity * scale;
  const QRectF kept(limit - one.reserve * scale, bar.top(), one.reserve * scale, bar.height());
  painter.fillRect(kept, QBrush(qColor(theme.muted), Qt::BDiagPattern));
  painter.setPen(QPen(qColor(theme.text), 2));
  painter.drawLine(QPointF(limit, bar.top() - 1), QPointF(limit, bar.bottom() + 1));
  if (!one.fits()) {
    painter.setPen(QPen(QColor(0xd5, 0x5e, 0x00), 2));
    painter.drawRect(QRectF(bar.left(), bar.top(), x - bar.left(), bar.height()));
  }
  painter.setPen(qColor(theme.text));
  painter.drawText(QRectF(bar.right() + kGap, bar.top() - 1, width() - bar.right() - kGap, bar.height() + 2),
                   Qt::AlignLeft | Qt::AlignVCenter, bytesText(one.total));
}

void MemoryBar::drawScale(QPainter& painter) const {
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawText(QRectF(0, 0, width(), rowHeight()), Qt::AlignLeft | Qt::AlignVCenter,
                   fontMetrics().elidedText(headline(), Qt::ElideRight, width()));
}

void MemoryBar::drawLegend(QPainter& painter) const {
  const int height = rowHeight();
  double top = (static_cast<double>(m_picture.memory.size()) + 1) * height + kGap;
  double x = 0;
  for (int item = 0; item < m_picture.items.size(); ++item) {
    const int text = fontMetrics().horizontalAdvance(m_picture.items[item]);
    const int needed = text + height + 2 * kGap;
    if (x > 0 && x + needed > width()) {
      x = 0;
      top += height;
    }
    painter.fillRect(QRectF(x, top + 3, height - 6, height - 6), categoryColor(item));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(x + height, top, text + 2, height), Qt::AlignLeft | Qt::AlignVCenter,
                     m_picture.items[item]);
    x += needed;
  }
}

void MemoryBar::paintEvent(QPaintEvent* /*event*/) {
  if (m_picture.memory.isEmpty()) return;
  QPainter painter(this);
  drawScale(painter);
  for (int stack = 0; stack < m_picture.memory.size(); ++stack) drawStack(painter, stack);
  drawLegend(painter);
}

QString MemoryBar::tipAt(const QPointF& place) const {
  for (int stack = 0; stack < m_picture.memory.size(); ++stack) {
    const QRectF bar = barRect(stack);
    if (place.y() < bar.top() || place.y() > bar.bottom()) continue;
    const MemoryStack& one = m_picture.memory[stack];
    QStringList lines{tr("%1: %2 of %3").arg(one.label, bytesText(one.total), bytesText(one.capacity))};
    for (int item = 0; item < one.bytes.size(); ++item)
      if (one.bytes[item] > 0)
        lines.append(QStringLiteral("%1: %2 (%3 %)")
                         .arg(m_picture.items[item], bytesText(one.bytes[item]))
                         .arg(100 * one.bytes[item] / std::max(one.total, 1.0), 0, 'f', 1));
    return lines.join(QLatin1Char('\n'));
  }
  return {};
}

}  // namespace moesim::gui
