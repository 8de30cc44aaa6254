#include <QAction>
#include <QLineEdit>

#include "gui/views/timeline_view.hpp"
#include "gui/widgets/timeline_widget.hpp"

namespace moesim::gui {
namespace {

constexpr double kZoom = 1.5;
constexpr double kPan = 0.2;

}  // namespace

QAction* TimelineView::addAction(const QString& text, const QKeySequence& shortcut,
                                 void (TimelineView::*act)()) {
  auto* action = new QAction(text, this);
  action->setShortcut(shortcut);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  connect(action, &QAction::triggered, this, act);
  QWidget::addAction(action);
  return action;
}

void TimelineView::addActions() {
  addAction(tr("Zoom in at the mouse (also Ctrl+wheel)"), Qt::Key_W, &TimelineView::zoomIn);
  addAction(tr("Zoom out (also Ctrl+wheel)"), Qt::Key_S, &TimelineView::zoomOut);
  addAction(tr("To earlier times (also right drag)"), Qt::Key_A, &TimelineView::panLeft);
  addAction(tr("To later times (also right drag)"), Qt::Key_D, &TimelineView::panRight);
  addAction(tr("Zoom to the selected range or span"), Qt::Key_F, &TimelineView::zoomToSelection);
  addAction(tr("Collapse or expand the lanes of a GPU"), Qt::Key_C, &TimelineView::toggleCollapsed);
  addAction(tr("Collapse or expand all GPUs"), QKeySequence(tr("Shift+C")),
            &TimelineView::toggleAllCollapsed);
  addAction(tr("Pin a GPU to the top, or not"), Qt::Key_P, &TimelineView::togglePinned);
  addAction(tr("Colour by phase, micro-batch, layer"), Qt::Key_B, &TimelineView::colorByNext);
  addAction(tr("Search the timeline"), Qt::Key_Slash, &TimelineView::search);
}

TimelineWidget& TimelineView::current() const {
  const bool isSecond =
      m_scenes[1] && (m_widgets[1]->hasFocus() || m_widgets[1]->underMouse() || !m_scenes[0]);
  return *m_widgets[isSecond ? 1 : 0];
}

void TimelineView::zoomIn() {
  current().zoom(1 / kZoom);
}

void TimelineView::zoomOut() {
  current().zoom(kZoom);
}

void TimelineView::panLeft() {
  current().pan(-kPan);
}

void TimelineView::panRight() {
  current().pan(kPan);
}

void TimelineView::zoomToSelection() {
  current().zoomToSelection();
}

void TimelineView::toggleCollapsed() {
  current().toggleCollapsed();
}

void TimelineView::toggleAllCollapsed() {
  for (TimelineWidget* widget : m_widgets) widget->toggleAllCollapsed();
}

void TimelineView::togglePinned() {
  current().togglePinned();
}

void TimelineView::colorByNext() {
  state().setColorBy(static_cast<ColorBy>((static_cast<int>(state().colorBy()) + 1) % 3));
}

void TimelineView::search() {
  m_search->setFocus(Qt::ShortcutFocusReason);
  m_search->selectAll();
}

}  // namespace moesim::gui
