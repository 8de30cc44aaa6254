#include "gui/windows/scenario_picture.hpp"

#include <QHelpEvent>
#include <QToolTip>

namespace moesim::gui {

ScenarioPicture::ScenarioPicture(const QString& name, QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  setAccessibleName(name);
}

void ScenarioPicture::showAnew() {
  setAccessibleDescription(headline());
  updateGeometry();
  update();
}

bool ScenarioPicture::event(QEvent* event) {
  // A legend may take other lines then.
  if (event->type() == QEvent::FontChange || event->type() == QEvent::Resize) updateGeometry();
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  const QString tip = tipAt(help->pos());
  if (tip.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), tip, this);
  return true;
}

}  // namespace moesim::gui
