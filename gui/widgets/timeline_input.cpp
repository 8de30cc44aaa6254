#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "gui/models/span_text.hpp"
#include "gui/widgets/timeline_widget.hpp"

namespace moesim::gui {
namespace {

constexpr double kZoomStep = 1.25;      ///< of a notch of the wheel
constexpr double kNotch = 120;          ///< QWheelEvent: an eighth of a degree
constexpr double kWheelPan = 0.1;       ///< of what is shown, a notch
constexpr double kSelectionRoom = 0.1;  ///< beside what is zoomed to

}  // namespace

bool TimelineWidget::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto span = spanAt(help->pos());
    if (span)
      QToolTip::showText(help->globalPos(), spanText(*m_scene->document, m_scene->timeline().spans()[*span],
                                                     m_state.timeRange().length()));
    else
      QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::Leave) {
    setHovered({});
    m_state.setHoverTime({});
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void TimelineWidget::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layoutRows();
}

void TimelineWidget::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange) layoutRows();
  if (event->type() == QEvent::PaletteChange) redraw();
}

void TimelineWidget::scrollContentsBy(int /*dx*/, int /*dy*/) {
  redraw();
}

void TimelineWidget::wheelEvent(QWheelEvent* event) {
  const QPoint delta = event->angleDelta();
  if ((event->modifiers() & Qt::ControlModifier) != 0) {
    m_state.setTimeRange(axis().zoomed(event->position().x(), std::pow(kZoomStep, -delta.y() / kNotch)),
                         true);
  } else if (delta.x() != 0 || (event->modifiers() & Qt::ShiftModifier) != 0) {
    pan(-kWheelPan * (delta.x() != 0 ? delta.x() : delta.y()) / kNotch);
  } else if (verticalScrollBar()->maximum() > 0) {
    QAbstractScrollArea::wheelEvent(event);
    return;
  } else {
    pan(-kWheelPan * delta.y() / kNotch);
  }
  event->accept();
}

void TimelineWidget::mousePressEvent(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  m_pressedAt = m_draggedTo = event->pos();
  if (event->pos().x() < body().left()) {
    if (event->button() == Qt::LeftButton) clickLabel(event->pos());
    return;
  }
  const bool pans = event->button() != Qt::LeftButton || (event->modifiers() & Qt::ShiftModifier) != 0;
  m_drag = pans ? Drag::pan : Drag::press;
}

void TimelineWidget::mouseMoveEvent(QMouseEvent* event) {
  const TimelineAxis now = axis();
  const bool isInside = event->pos().x() >= body().left();
  if (m_drag == Drag::press &&
      (event->pos() - m_pressedAt).manhattanLength() >= QApplication::startDragDistance())
    m_drag = Drag::range;
  if (m_drag == Drag::range) {
    const double from = now.timeOf(m_pressedAt.x());
    const double to = now.timeOf(event->pos().x());
    const TimeRange full = m_state.fullRange();
    m_state.setSelectedRange(
        TimeRange{std::max(std::min(from, to), full.start), std::min(std::max(from, to), full.end)});
  } else if (m_drag == Drag::pan) {
    m_state.setTimeRange(now.panned(m_draggedTo.x() - event->pos().x()), true);
    verticalScrollBar()->setValue(verticalScrollBar()->value() + m_draggedTo.y() - event->pos().y());
  }
  m_draggedTo = event->pos();
  m_state.setHoverTime(isInside && m_scene ? std::optional(axis().timeOf(event->pos().x())) : std::nullopt);
  setHovered(m_drag == Drag::none ? spanAt(event->pos()) : std::nullopt);
}

void TimelineWidget::mouseReleaseEvent(QMouseEvent* event) {
  if (m_drag == Drag::press) {
    if (const auto span = spanAt(event->pos())) {
      select(*span, false);
    } else {
      m_state.setSelectedSpan({});
      m_state.setSelectedRange({});
    }
  }
  m_drag = Drag::none;
}

void TimelineWidget::mouseDoubleClickEvent(QMouseEvent* event) {
  const auto span = spanAt(event->pos());
  if (!span) return;
  select(*span, false);
  m_state.setSelectedRange({});
  zoomToSelection();
}

void TimelineWidget::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return selectNeighbour(-1);
    case Qt::Key_Right:
      return selectNeighbour(1);
    case Qt::Key_Up:
      return selectLine(-1);
    case Qt::Key_Down:
      return selectLine(1);
    case Qt::Key_Backspace:
      return m_state.undoZoom();
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void TimelineWidget::clickLabel(QPoint point) {
  const int at = m_rows.lineAt(point.y() - body().top(), scroll());
  if (at < 0 || point.y() < body().top()) return;
  const TimelineLine line = m_rows.lines()[at];
  m_state.setGpu(line.gpu);
  if (!line.isHead) return;
  if (point.x() >= body().left() - fontMetrics().height() - 6)
    m_rows.setPinned(line.gpu, !line.isPinned);
  else
    m_rows.setCollapsed(line.gpu, !line.isCollapsed);
  layoutRows();
}

void TimelineWidget::setHovered(std::optional<std::size_t> span) {
  if (std::exchange(m_hovered, span) != span) redraw();
}

std::optional<std::size_t> TimelineWidget::chosenSpan() const {
  const auto chosen = m_state.selectedSpan();
  if (!m_scene || !chosen || chosen->document != m_document) return std::nullopt;
  if (chosen->span >= m_scene->timeline().spans().size()) return std::nullopt;
  return chosen->span;
}

std::optional<std::int32_t> TimelineWidget::chosenGpu() const {
  if (!m_scene) return std::nullopt;
  const QPoint mouse = viewport()->mapFromGlobal(QCursor::pos());
  if (viewport()->underMouse() && mouse.y() >= body().top()) {
    const int at = m_rows.lineAt(mouse.y() - body().top(), scroll());
    if (at >= 0) return m_rows.lines()[at].gpu;
  }
  if (const auto span = chosenSpan()) return m_scene->timeline().spans()[*span].gpu;
  return std::nullopt;
}

void TimelineWidget::toggleCollapsed() {
  const auto gpu = chosenGpu();
  if (!gpu) return;
  m_rows.setCollapsed(*gpu, !m_rows.isCollapsed(*gpu));
  layoutRows();
}

void TimelineWidget::togglePinned() {
  const auto gpu = chosenGpu();
  if (!gpu) return;
  m_rows.setPinned(*gpu, !m_rows.isPinned(*gpu));
  layoutRows();
}

void TimelineWidget::toggleAllCollapsed() {
  if (!m_scene) return;
  const auto& lines = m_rows.lines();
  const bool isAnyOpen =
      std::ranges::any_of(lines, [](const TimelineLine& line) { return line.hasMore && !line.isCollapsed; });
  m_rows.collapseAll(m_scene->timeline(), isAnyOpen);
  layoutRows();
}

void TimelineWidget::zoom(double factor) {
  const QPoint mouse = viewport()->mapFromGlobal(QCursor::pos());
  const bool isOver = viewport()->underMouse() && body().contains(mouse);
  m_state.setTimeRange(axis().zoomed(isOver ? mouse.x() : body().center().x(), factor), true);
}

void TimelineWidget::pan(double share) {
  m_state.setTimeRange(axis().panned(share * body().width()), true);
}

void TimelineWidget::zoomToSelection() {
  if (const auto range = m_state.selectedRange()) return m_state.setTimeRange(*range);
  const auto chosen = chosenSpan();
  if (!chosen) return;
  const Span& span = m_scene->timeline().spans()[*chosen];
  const double room = std::max(kSelectionRoom * (span.end_s - span.start_s), 1e-9);
  m_state.setTimeRange({span.start_s - room, span.end_s + room});
}

void TimelineWidget::select(std::size_t index, bool bringsIntoView) {
  const Span& span = m_scene->timeline().spans()[index];
  m_state.setSelectedSpan(SelectedSpan{m_document, index});
  m_state.setGpu(span.gpu);
  if (span.layer >= 0) m_state.setLayer(span.layer);
  if (!bringsIntoView) return;
  TimeRange range = m_state.timeRange();
  if (span.start_s < range.start || span.end_s > range.end) {
    const double length = std::max(range.length(), 1.2 * (span.end_s - span.start_s));
    const double middle = 0.5 * (span.start_s + span.end_s);
    m_state.setTimeRange({middle - 0.5 * length, middle + 0.5 * length}, true);
  }
  const int at = lineOf(index);
  if (at < 0 || m_rows.lines()[at].isPinned) return;
  const TimelineLine& line = m_rows.lines()[at];
  const int room = verticalScrollBar()->pageStep();
  verticalScrollBar()->setValue(std::clamp(scroll(), line.y + line.height - room, line.y));
}

void TimelineWidget::selectNeighbour(int steps) {
  if (!m_scene || m_rows.lines().isEmpty()) return;
  const auto rows = m_scene->timeline().rows();
  const auto chosen = chosenSpan();
  const int at = chosen ? lineOf(*chosen) : -1;
  if (at < 0) {
    const auto& row = rows[m_rows.lines()[0].row];
    const TimeRange range = m_state.timeRange();
    const auto shown = m_scene->timeline().within(m_rows.lines()[0].row, range.start, range.end);
    return select(std::min(shown.first, row.end - 1), true);
  }
  const auto& row = rows[m_rows.lines()[at].row];
  const auto next = static_cast<std::ptrdiff_t>(*chosen) + steps;
  if (next >= static_cast<std::ptrdiff_t>(row.first) && next < static_cast<std::ptrdiff_t>(row.end))
    select(static_cast<std::size_t>(next), true);
}

void TimelineWidget::selectLine(int steps) {
  const auto chosen = chosenSpan();
  const int at = chosen ? lineOf(*chosen) : -1;
  if (at < 0) return selectNeighbour(0);
  const int to = at + steps;
  if (to < 0 || to >= m_rows.lines().size()) return;
  const Span& span = m_scene->timeline().spans()[*chosen];
  const std::size_t rowIndex = m_rows.lines()[to].row;
  const auto& row = m_scene->timeline().rows()[rowIndex];
  const auto near = m_scene->timeline().within(rowIndex, span.start_s, span.end_s);
  select(std::min(near.first, row.end - 1), true);
}

}  // namespace moesim::gui
