#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/widgets/cell_plot.hpp"

namespace moesim::gui {
namespace {

constexpr double kZoomOfNotch = 0.8;
constexpr double kNotch = 120;
constexpr double kMoveByKey = 0.15;  // of what is shown

}  // namespace

QPoint CellPlot::cellUnder(QPointF place) const {
  const QRect plot = plotRect();
  const double column = cellAt(m_columns, place.x() - plot.x(), plot.width());
  const double row = cellAt(m_rows, place.y() - plot.y(), plot.height());
  if (column < 0 || column >= m_columnAxis.count) return {-1, -1};
  if (numRows() == 0) return {static_cast<int>(column), -1};
  if (row < 0 || row >= numRows()) return {-1, -1};
  return {static_cast<int>(column), static_cast<int>(row)};
}

void CellPlot::zoomColumns(double anchor, double factor) {
  const CellWindow window = zoomed(m_columns, anchor, factor, m_columnAxis.count);
  if (!(window == m_columns)) Q_EMIT columnWindowAsked(window, true);
}

void CellPlot::showAll() {
  Q_EMIT columnWindowAsked({0, static_cast<double>(std::max(m_columnAxis.count, 1))}, false);
  if (numRows() > 0) Q_EMIT rowWindowAsked({0, static_cast<double>(numRows())});
}

void CellPlot::wheelEvent(QWheelEvent* event) {
  const QPointF place = event->position();
  const QRect plot = plotRect();
  if (!plot.contains(place.toPoint())) return event->ignore();
  // Alt turns a wheel sideways on some platforms.
  const int turned = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
  const double notches = turned / kNotch;
  if ((event->modifiers() & Qt::ShiftModifier) != 0) {
    Q_EMIT columnWindowAsked(moved(m_columns, -notches * kMoveByKey * m_columns.length(), m_columnAxis.count),
                             true);
  } else if ((event->modifiers() & Qt::ControlModifier) != 0 && numRows() > 0) {
    const double row = cellAt(m_rows, place.y() - plot.y(), plot.height());
    Q_EMIT rowWindowAsked(zoomed(m_rows, row, std::pow(kZoomOfNotch, notches), numRows()));
  } else {
    zoomColumns(cellAt(m_columns, place.x() - plot.x(), plot.width()), std::pow(kZoomOfNotch, notches));
  }
  event->accept();
}

void CellPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !plotRect().contains(event->pos())) return event->ignore();
  m_pressed = event->pos();
  m_dragged = event->pos();
  m_isDragging = false;
}

void CellPlot::mouseMoveEvent(QMouseEvent* event) {
  const QPoint place = event->pos();
  if (!m_pressed) {
    const QPoint cell = plotRect().contains(place) ? cellUnder(place) : QPoint(-1, -1);
    Q_EMIT cellHovered(cell);
    const QString text = cell.x() < 0 ? QString() : hoverText(cell);
    QToolTip::showText(event->globalPosition().toPoint(), text, this);
    return;
  }
  m_isDragging = m_isDragging || (place - *m_pressed).manhattanLength() >= QApplication::startDragDistance();
  if (!m_isDragging) return;
  if (m_band || (event->modifiers() & Qt::ShiftModifier) != 0) {
    m_band = QRect(*m_pressed, place).normalized() & plotRect();
    return update();
  }
  pan(place - m_dragged);
  m_dragged = place;
}

void CellPlot::pan(QPoint by) {
  const QRect plot = plotRect();
  if (by.x() != 0)
    Q_EMIT columnWindowAsked(
        moved(m_columns, -by.x() * m_columns.length() / plot.width(), m_columnAxis.count), true);
  if (by.y() != 0 && numRows() > 0)
    Q_EMIT rowWindowAsked(moved(m_rows, -by.y() * m_rows.length() / plot.height(), numRows()));
}

void CellPlot::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !m_pressed) return event->ignore();
  if (m_band) {
    zoomToBand();
  } else if (!m_isDragging) {
    const QPoint cell = cellUnder(event->position());
    if (cell.x() >= 0) Q_EMIT cellClicked(cell);
  }
  m_pressed.reset();
  m_band.reset();
  update();
}

void CellPlot::zoomToBand() {
  const QRect plot = plotRect();
  const auto part = [](const CellWindow& window, int first, int end, int pixels, int count) {
    const double from = cellAt(window, first, pixels);
    const double to = std::max(cellAt(window, end, pixels), from + kFewestCells);
    return cutTo({from, to}, count);
  };
  const QRect band = m_band->translated(-plot.topLeft());
  Q_EMIT columnWindowAsked(part(m_columns, band.left(), band.right() + 1, plot.width(), m_columnAxis.count),
                           false);
  if (numRows() > 0)
    Q_EMIT rowWindowAsked(part(m_rows, band.top(), band.bottom() + 1, plot.height(), numRows()));
}

void CellPlot::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && plotRect().contains(event->pos())) showAll();
}

void CellPlot::leaveEvent(QEvent* /*event*/) {
  Q_EMIT cellHovered({-1, -1});
}

void CellPlot::moveSelection(int columns, int rows) {
  QPoint cell = m_selectedCell;
  if (cell.x() < 0) cell.setX(std::max(m_markedColumn, 0));
  if (cell.y() < 0 && numRows() > 0) cell.setY(static_cast<int>(m_rows.first));
  cell += QPoint(columns, numRows() > 0 ? rows : 0);
  if (m_columnAxis.count == 0) return;
  cell.setX(std::clamp(cell.x(), 0, m_columnAxis.count - 1));
  if (numRows() > 0) cell.setY(std::clamp(cell.y(), 0, numRows() - 1));
  Q_EMIT cellClicked(cell);
}

void CellPlot::keyPressEvent(QKeyEvent* event) {
  const double middle = m_markedColumn >= m_columns.first && m_markedColumn < m_columns.end
                            ? m_markedColumn + 0.5
                            : (m_columns.first + m_columns.end) / 2;
  const double byKey = kMoveByKey * m_columns.length();
  switch (event->key()) {
    case Qt::Key_Left:
      return moveSelection(-1, 0);
    case Qt::Key_Right:
      return moveSelection(1, 0);
    case Qt::Key_Up:
      return moveSelection(0, -1);
    case Qt::Key_Down:
      return moveSelection(0, 1);
    case Qt::Key_W:
      return zoomColumns(middle, kZoomOfNotch);
    case Qt::Key_S:
      return zoomColumns(middle, 1 / kZoomOfNotch);
    case Qt::Key_A:
      Q_EMIT columnWindowAsked(moved(m_columns, -byKey, m_columnAxis.count), true);
      return;
    case Qt::Key_D:
      Q_EMIT columnWindowAsked(moved(m_columns, byKey, m_columnAxis.count), true);
      return;
    case Qt::Key_F:
      return showAll();
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace moesim::gui
