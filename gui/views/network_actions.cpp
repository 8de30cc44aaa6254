#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QTableView>
#include <algorithm>

#include "gui/models/network_model.hpp"
#include "gui/views/network_maps.hpp"
#include "gui/views/network_view.hpp"

namespace moesim::gui {

void NetworkView::addActions() {
  const auto add = [this](const QString& text, const QString& shortcut, const auto& act) {
    auto* action = new QAction(text, this);
    action->setShortcut(QKeySequence(shortcut));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, act);
    addAction(action);
  };
  add(tr("Next step"), QStringLiteral("."), [this] { moveStep(1); });
  add(tr("Previous step"), QStringLiteral(","), [this] { moveStep(-1); });
  add(tr("All steps, or one"), QStringLiteral("T"), [this] { m_allSteps->toggle(); });
  add(tr("Next layer"), QStringLiteral("Ctrl+Down"), [this] { moveLayer(1); });
  add(tr("Previous layer"), QStringLiteral("Ctrl+Up"), [this] { moveLayer(-1); });
  add(tr("Ports or pairs of GPUs"), QStringLiteral("P"),
      [this] { m_links->setCurrentIndex(1 - m_links->currentIndex()); });
  add(tr("Select the GPU with the busiest link"), QStringLiteral("H"), [this] { selectBusiest(); });
  add(tr("Show the whole matrix"), QStringLiteral("0"), [this] { m_maps->showAll(); });
}

/// From the step that is shown; of the sum of all, to the step that the other views show.
void NetworkView::moveStep(int by) {
  if (m_loads.steps.empty()) return;
  if (m_allSteps->isChecked()) return m_allSteps->setChecked(false);
  const auto at = std::ranges::lower_bound(m_loads.steps, m_loads.step) - m_loads.steps.begin();
  const auto to = std::clamp<std::ptrdiff_t>(at + by, 0, std::ssize(m_loads.steps) - 1);
  state().setStep(m_loads.steps[static_cast<std::size_t>(to)]);
}

void NetworkView::moveLayer(int by) {
  if (m_layer->count() == 0) return;
  m_layer->setCurrentIndex(std::clamp(m_layer->currentIndex() + by, 0, m_layer->count() - 1));
}

void NetworkView::selectBusiest() {
  if (m_model->rowCount() == 0) return;
  m_table->selectRow(0);
  m_table->scrollToTop();
}

}  // namespace moesim::gui
