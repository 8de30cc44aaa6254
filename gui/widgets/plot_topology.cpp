#include "gui/widgets/plot_topology.hpp"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "gui/widgets/theme.hpp"
#include "reports/pictures/color_map.hpp"

namespace moesim::gui {
namespace {

constexpr double kGap = 6;
constexpr double kTextCell = 22;  // cells of this size carry their number

}  // namespace

TopologyWidget::TopologyWidget(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
}

void TopologyWidget::setPicture(const TopologyPicture& picture) {
  m_picture = picture;
  arrange();
  update();
}

void TopologyWidget::setSelectedGpu(int gpu) {
  if (gpu == m_selected) return;
  m_selected = gpu;
  update();
}

/// As many columns as make the nodes largest, each about as wide as high for its cells.
void TopologyWidget::arrange() {
  const int nodes = std::max(1, m_picture.numNodes);
  const int gpus = std::max(1, m_picture.gpusPerNode);
  m_cellColumns = std::max(1, static_cast<int>(std::ceil(std::sqrt(gpus / 2.0))));
  const double cellRows = std::ceil(static_cast<double>(gpus) / m_cellColumns);
  m_top = m_picture.network.isEmpty() ? kGap : 3.0 * fontMetrics().height() + 4 * kGap;
  const double room = std::max(40.0, height() - m_top - fontMetrics().height() - 2 * kGap);
  double best = 0;
  for (int columns = 1; columns <= nodes; ++columns) {
    const double rows = std::ceil(static_cast<double>(nodes) / columns);
    const double cell =
        std::min((width() - kGap) / (columns * (m_cellColumns + 0.6)), room / (rows * (cellRows + 0.6)));
    if (cell <= best) continue;
    best = cell;
    m_columns = columns;
    m_nodeWidth = (width() - kGap) / columns;
    m_nodeHeight = room / rows;
  }
}

QRectF TopologyWidget::nodeRect(int node) const {
  const double x = kGap / 2 + (node % m_columns) * m_nodeWidth;
  const double y = m_top + (node / m_columns) * m_nodeHeight;
  const double gap = std::min(kGap, 0.15 * std::min(m_nodeWidth, m_nodeHeight));
  return QRectF(x, y, m_nodeWidth, m_nodeHeight).adjusted(gap / 2, gap / 2, -gap / 2, -gap / 2);
}

QRectF TopologyWidget::gpuRect(int gpu) const {
  if (m_picture.gpusPerNode < 1) return {};
  const QRectF node = nodeRect(gpu / m_picture.gpusPerNode);
  const int place = gpu % m_picture.gpusPerNode;
  const int rows = (m_picture.gpusPerNode + m_cellColumns - 1) / m_cellColumns;
  const double frame = std::min(3.0, 0.1 * node.width());
  const double width = (node.width() - 2 * frame) / m_cellColumns;
  const double height = (node.height() - 2 * frame) / rows;
  const double gap = width > 6 && height > 6 ? 1 : 0;
  return {node.x() + frame + (place % m_cellColumns) * width + gap / 2,
          node.y() + frame + (place / m_cellColumns) * height + gap / 2, width - gap, height - gap};
}

int TopologyWidget::gpuAt(const QPointF& place) const {
  for (int node = 0; node < m_picture.numNodes; ++node) {
    if (!nodeRect(node).contains(place)) continue;
    for (int i = 0; i < m_picture.gpusPerNode; ++i) {
      const int gpu = node * m_picture.gpusPerNode + i;
      if (gpuRect(gpu).contains(place)) return gpu;
    }
  }
  return -1;
}

QRectF TopologyWidget::networkRect() const {
  return {kGap, kGap, width() - 2 * kGap, 1.6 * fontMetrics().height()};
}

void TopologyWidget::paintNetwork(QPainter& painter) const {
  if (m_picture.network.isEmpty()) return;
  const QRectF box = networkRect();
  painter.setPen(QPen(qColor(pictureTheme(palette()).frame), 1));
  painter.setBrush(palette().brush(QPalette::AlternateBase));
  const int inRow = std::min(m_columns, m_picture.numNodes);
  for (int node = 0; node < inRow; ++node) {
    const QRectF rect = nodeRect(node);
    painter.drawLine(QPointF(rect.center().x(), box.bottom()), QPointF(rect.center().x(), rect.top()));
  }
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(
      box, Qt::AlignCenter,
      fontMetrics().elidedText(m_picture.network, Qt::ElideRight, static_cast<int>(box.width()) - 8));
}

void TopologyWidget::paintNode(QPainter& painter, int node, double highest) const {
  const auto& map = pictures::sequential_map();
  painter.setPen(QPen(qColor(pictureTheme(palette()).frame), 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(nodeRect(node));
  for (int i = 0; i < m_picture.gpusPerNode; ++i) {
    const int gpu = node * m_picture.gpusPerNode + i;
    const QRectF cell = gpuRect(gpu);
    const bool hasLoad = static_cast<std::size_t>(gpu) < m_picture.loads.size() && highest > 0;
    const double load = hasLoad ? m_picture.loads[static_cast<std::size_t>(gpu)] : 0;
    const QColor color = hasLoad && std::isfinite(load)
                             ? qColor(pictures::color_at(map, std::clamp(load / highest, 0.0, 1.0)))
                             : qColor(pictureTheme(palette()).missing);
    painter.fillRect(cell, color);
    if (cell.width() >= kTextCell && cell.height() >= fontMetrics().height()) {
      painter.setPen(color.lightness() < 128 ? Qt::white : Qt::black);
      painter.drawText(cell, Qt::AlignCenter, QString::number(gpu));
    }
    if (gpu != m_selected) continue;
    painter.setPen(QPen(palette().color(QPalette::Highlight), 3));
    painter.drawRect(cell.adjusted(1, 1, -1, -1));
  }
}

void TopologyWidget::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), palette().brush(QPalette::Base));
  if (m_picture.numNodes < 1 || m_picture.gpusPerNode < 1) return;
  double highest = 0;
  for (const double load : m_picture.loads)
    if (std::isfinite(load)) highest = std::max(highest, load);
  paintNetwork(painter);
  for (int node = 0; node < m_picture.numNodes; ++node) paintNode(painter, node, highest);
  painter.setPen(palette().color(QPalette::Text));
  const QRectF line(kGap, height() - fontMetrics().height() - kGap / 2, width() - 2 * kGap,
                    fontMetrics().height());
  painter.drawText(
      line, Qt::AlignLeft | Qt::AlignVCenter,
      fontMetrics().elidedText(m_picture.loadTitle, Qt::ElideRight, static_cast<int>(line.width())));
}

void TopologyWidget::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void TopologyWidget::mousePressEvent(QMouseEvent* event) {
  const int gpu = gpuAt(event->position());
  if (gpu >= 0) Q_EMIT gpuClicked(gpu);
}

bool TopologyWidget::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int gpu = gpuAt(help->pos());
    if (gpu < 0 && networkRect().contains(help->pos()))
      QToolTip::showText(help->globalPos(), m_picture.network, this);
    else if (gpu < 0)
      QToolTip::hideText();
    else
      QToolTip::showText(
          help->globalPos(),
          m_texts.value(gpu, QStringLiteral("GPU %1, node %2").arg(gpu).arg(gpu / m_picture.gpusPerNode)),
          this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace moesim::gui
