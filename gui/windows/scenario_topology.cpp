#include "gui/windows/scenario_topology.hpp"

#include <QEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kGap = 6;
constexpr int kMostNodes = 8;
constexpr int kMostSwitches = 12;

struct Row {
  int shown = 0;
  double left = 0;
  double width = 0;  // of one, with the gap behind it
  [[nodiscard]] QRectF place(int index, double top, double height) const {
    return {left + index * width, top, width - kGap, height};
  }
};

/// As many boxes as have room, with room for a word on those left out.
Row rowOf(int number, int most, double width, double wordWidth) {
  Row row;
  row.shown = std::clamp(number, 0, most);
  const double room = row.shown < number ? width - wordWidth : width;
  row.width = row.shown > 0 ? room / row.shown : room;
  return row;
}

void drawGpus(QPainter& painter, const QRectF& node, int number) {
  if (number <= 0) return;
  const double columns =
      std::min<double>(number, number > 16 ? std::ceil(std::sqrt(number * 2.0)) : (number + 1) / 2);
  const double rows = std::ceil(number / columns);
  const double width = (node.width() - 4) / columns;
  const double height = (node.height() - 4) / rows;
  for (int i = 0; i < number; ++i) {
    const QRectF cell(node.left() + 2 + std::fmod(i, columns) * width,
                      node.top() + 2 + std::floor(i / columns) * height, width, height);
    painter.fillRect(cell.adjusted(0.75, 0.75, -0.75, -0.75), categoryColor(0));
  }
}

}  // namespace

TopologyPicture::TopologyPicture(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
}

void TopologyPicture::setPicture(const PlanPicture& picture) {
  m_counts = picture.topology;
  setAccessibleName(tr("Topology"));
  setAccessibleDescription(headline());
  updateGeometry();
  update();
}

QSize TopologyPicture::sizeHint() const {
  return {fontMetrics().averageCharWidth() * 40, fontMetrics().height() * 8 + kGap};
}

QString TopologyPicture::headline() const {
  if (m_counts.gpus == 0) return {};
  QString text = tr("%1 GPUs in %2 nodes").arg(m_counts.gpus).arg(m_counts.nodes);
  if (m_counts.switches > 0)
    text += tr(", %1 switches, %2 cables between them").arg(m_counts.switches).arg(m_counts.cables);
  if (m_counts.kind.isEmpty()) return text;
  return QStringLiteral("%1 (%2)").arg(text,
                                       QString(m_counts.kind).replace(QLatin1Char('_'), QLatin1Char(' ')));
}

void TopologyPicture::paintEvent(QPaintEvent* /*event*/) {
  if (m_counts.gpus == 0) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const pictures::Theme& theme = pictureTheme(palette());
  const double line = fontMetrics().height();
  painter.setPen(qColor(theme.text));
  painter.drawText(QRectF(0, 0, width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                   fontMetrics().elidedText(headline(), Qt::ElideRight, width()));
  const QString more = QStringLiteral("+ 88888 ");
  const double word = fontMetrics().horizontalAdvance(more) + kGap;
  const Row switches = rowOf(m_counts.switches, kMostSwitches, width(), word);
  const Row nodes = rowOf(m_counts.nodes, kMostNodes, width(), word);
  const double switchTop = line + kGap;
  const double nodeTop = line * 4.5;
  const double nodeHeight = line * 3.5;
  painter.setPen(QPen(qColor(theme.grid), 1));
  for (int i = 0; i < nodes.shown; ++i)
    for (int j = 0; j < switches.shown; ++j)
      painter.drawLine(QPointF(nodes.place(i, 0, 0).center().x(), nodeTop),
                       QPointF(switches.place(j, 0, 0).center().x(), switchTop + line));
  for (int j = 0; j < switches.shown; ++j) {
    painter.setPen(qColor(theme.frame));
    painter.setBrush(categoryColor(1));
    painter.drawRoundedRect(switches.place(j, switchTop, line), 3, 3);
  }
  for (int i = 0; i < nodes.shown; ++i) {
    const QRectF node = nodes.place(i, nodeTop, nodeHeight);
    painter.setPen(qColor(theme.frame));
    painter.setBrush(qColor(theme.background));
    painter.drawRoundedRect(node, 3, 3);
    drawGpus(painter, node, m_counts.nodes > 0 ? m_counts.gpus / m_counts.nodes : 0);
  }
  painter.setPen(qColor(theme.text));
  const auto left = [&](const Row& row, int number, double top, double height) {
    if (row.shown == number) return;
    painter.drawText(QRectF(row.shown * row.width, top, word, height), Qt::AlignLeft | Qt::AlignVCenter,
                     QStringLiteral("+ %1").arg(number - row.shown));
  };
  left(switches, m_counts.switches, switchTop, line);
  left(nodes, m_counts.nodes, nodeTop, nodeHeight);
}

void TopologyPicture::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) updateGeometry();
  QWidget::changeEvent(event);
}

}  // namespace moesim::gui
