#include "gui/windows/scenario_topology.hpp"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

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

void drawSwitches(QPainter& painter, const Row& row, double top, double height, const QColor& frame) {
  painter.setPen(frame);
  painter.setBrush(categoryColor(1));
  for (int i = 0; i < row.shown; ++i) painter.drawRoundedRect(row.place(i, top, height), 3, 3);
}

QString headlineOf(const TopologyCounts& counts) {
  QString text = TopologyPreview::tr("%1 GPUs in %2 nodes").arg(counts.gpus).arg(counts.nodes);
  if (!counts.cluster.isEmpty()) text = QStringLiteral("%1: %2").arg(counts.cluster, text);
  if (counts.switches > 0)
    text +=
        TopologyPreview::tr(", %1 switches, %2 cables between them").arg(counts.switches).arg(counts.cables);
  if (!counts.kind.isEmpty())
    text += QStringLiteral(" (%1)").arg(QString(counts.kind).replace(QLatin1Char('_'), QLatin1Char(' ')));
  return text;
}

QString tipOf(const TopologyCounts& counts) {
  return counts.use.isEmpty() ? headlineOf(counts)
                              : QStringLiteral("%1\n%2").arg(headlineOf(counts), counts.use);
}

}  // namespace

TopologyPreview::TopologyPreview(QWidget* parent) : ScenarioPicture(tr("Topology"), parent) {}

void TopologyPreview::setPicture(const PlanPicture& picture) {
  m_networks = picture.topologies;
  showAnew();
}

double TopologyPreview::heightOf(const TopologyCounts& counts) const {
  return fontMetrics().height() * (counts.use.isEmpty() ? 8 : 9) + kGap;
}

QSize TopologyPreview::sizeHint() const {
  double height = fontMetrics().height();
  for (const TopologyCounts& counts : m_networks) height += heightOf(counts);
  return {fontMetrics().averageCharWidth() * 40, static_cast<int>(height)};
}

QString TopologyPreview::headline() const {
  QStringList lines;
  for (const TopologyCounts& counts : m_networks) lines.append(tipOf(counts));
  return lines.join(QLatin1Char('\n'));
}

void TopologyPreview::draw(QPainter& painter, const TopologyCounts& counts) const {
  const pictures::Theme& theme = pictureTheme(palette());
  const double line = fontMetrics().height();
  painter.setPen(qColor(theme.text));
  double top = 0;
  for (const QString& text : {headlineOf(counts), counts.use}) {
    if (text.isEmpty()) continue;
    painter.drawText(QRectF(0, top, width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text, Qt::ElideRight, width()));
    top += line;
  }
  const double word = fontMetrics().horizontalAdvance(QStringLiteral("+ 88888 ")) + kGap;
  const Row switches = rowOf(counts.switches, kMostSwitches, width(), word);
  const Row nodes = rowOf(counts.nodes, kMostNodes, width(), word);
  const double switchTop = top + kGap;
  const double nodeTop = top + line * 3.5;
  const double nodeHeight = line * 3.5;
  painter.setPen(QPen(qColor(theme.grid), 1));
  for (int i = 0; i < nodes.shown; ++i)
    for (int j = 0; j < switches.shown; ++j)
      painter.drawLine(QPointF(nodes.place(i, 0, 0).center().x(), nodeTop),
                       QPointF(switches.place(j, 0, 0).center().x(), switchTop + line));
  drawSwitches(painter, switches, switchTop, line, qColor(theme.frame));
  for (int i = 0; i < nodes.shown; ++i) {
    const QRectF node = nodes.place(i, nodeTop, nodeHeight);
    painter.setPen(qColor(theme.frame));
    painter.setBrush(qColor(theme.background));
    painter.drawRoundedRect(node, 3, 3);
    drawGpus(painter, node, counts.nodes > 0 ? counts.gpus / counts.nodes : 0);
  }
  painter.setPen(qColor(theme.text));
  const auto left = [&](const Row& row, int number, double top, double height) {
    if (row.shown == number) return;
    painter.drawText(QRectF(row.shown * row.width, top, word, height), Qt::AlignLeft | Qt::AlignVCenter,
                     QStringLiteral("+ %1").arg(number - row.shown));
  };
  left(switches, counts.switches, switchTop, line);
  left(nodes, counts.nodes, nodeTop, nodeHeight);
}

void TopologyPreview::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  for (const TopologyCounts& counts : std::as_const(m_networks)) {
    draw(painter, counts);
    painter.translate(0, heightOf(counts));
  }
}

QString TopologyPreview::tipAt(const QPointF& place) const {
  double end = 0;
  for (const TopologyCounts& counts : m_networks)
    if (place.y() < (end += heightOf(counts))) return tipOf(counts);
  return {};
}

}  // namespace moesim::gui
