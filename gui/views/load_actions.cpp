#include <QAction>
#include <QComboBox>
#include <algorithm>
#include <iterator>

#include "gui/views/load_controls.hpp"

namespace moesim::gui {

QAction* LoadControls::addAction(const QString& text, const QString& shortcut,
                                 const std::function<void()>& act) {
  auto* action = new QAction(text, this);
  action->setShortcut(QKeySequence(shortcut));
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  action->setToolTip(tr("%1 (%2)").arg(text, action->shortcut().toString(QKeySequence::NativeText)));
  if (act) connect(action, &QAction::triggered, this, act);
  m_actions.append(action);
  return action;
}

void LoadControls::addActions() {
  m_playAction =
      addAction(tr("Play"), QStringLiteral("Space"), [this] { m_player.setPlaying(!m_player.isPlaying()); });
  addAction(tr("Next step"), QStringLiteral("."), [this] { m_player.moveBy(1); });
  addAction(tr("Previous step"), QStringLiteral(","), [this] { m_player.moveBy(-1); });
  addAction(tr("Ten steps forward"), QStringLiteral("Shift+Right"), [this] { m_player.moveBy(10); });
  addAction(tr("Ten steps back"), QStringLiteral("Shift+Left"), [this] { m_player.moveBy(-10); });
  addAction(tr("First step"), QStringLiteral("Alt+Home"), [this] { m_player.setColumn(0); });
  addAction(tr("Last step"), QStringLiteral("Alt+End"), [this] {
    if (m_scene) m_player.setColumn(m_scene->recorded()->count() - 1);
  });
  const auto moveSpeed = [this](int by) {
    m_speedBox->setCurrentIndex(std::clamp(m_speedBox->currentIndex() + by, 0, m_speedBox->count() - 1));
    m_player.setStepsPerSecond(m_speedBox->currentData().toDouble());
  };
  addAction(tr("Play faster"), QStringLiteral("Ctrl+."), [moveSpeed] { moveSpeed(1); });
  addAction(tr("Play slower"), QStringLiteral("Ctrl+,"), [moveSpeed] { moveSpeed(-1); });
  addAction(tr("Next layer"), QStringLiteral("Ctrl+Down"), [this] { moveLayer(1); });
  addAction(tr("Previous layer"), QStringLiteral("Ctrl+Up"), [this] { moveLayer(-1); });
  addAction(tr("Next recorded load"), QStringLiteral("T"), [this] { moveStream(1); });
  addAction(tr("Previous recorded load"), QStringLiteral("Shift+T"), [this] { moveStream(-1); });
}

void LoadControls::addDisplayActions() {
  addAction(tr("Compare with the next"), QStringLiteral("B"), [this] {
    const bool possible[] = {true, true, m_choices.hasAfterEplb, m_choices.hasSecond};
    auto next = static_cast<std::size_t>(m_comparison);
    do next = (next + 1) % std::size(possible);
    while (!possible[next]);
    setComparison(static_cast<LoadComparison>(next));
  });
  addAction(tr("Compare with this step"), QStringLiteral("P"), [this] {
    if (m_player.column() >= 0) compareWithStep(m_scene->recorded()->step(m_player.column()));
  });
  addAction(tr("Linear or logarithmic colours"), QStringLiteral("L"), [this] {
    change([](LoadDisplay& display) {
      display.scale = static_cast<pictures::LoadScale>((static_cast<int>(display.scale) + 1) % 3);
    });
  });
  addAction(tr("Colours that fit"), QStringLiteral("C"), [this] {
    change([](LoadDisplay& display) {
      display.low.reset();
      display.high.reset();
    });
  });
  addAction(tr("MaxVio or balancedness"), QStringLiteral("M"), [this] {
    change([](LoadDisplay& display) {
      const bool isViolation = display.measure == ImbalanceMeasure::maxViolation;
      display.measure = isViolation ? ImbalanceMeasure::balancedness : ImbalanceMeasure::maxViolation;
    });
  });
  m_sortAction = addAction(tr("Sort rows by load"), QStringLiteral("R"), {});
  m_sortAction->setCheckable(true);
  connect(m_sortAction, &QAction::toggled, this, &LoadControls::sortedChanged);
  m_hottestAction = addAction(tr("Hottest of the step"), QStringLiteral("H"), {});
  m_hottestAction->setCheckable(true);
  connect(m_hottestAction, &QAction::toggled, this, [this](bool checked) {
    change([checked](LoadDisplay& display) { display.hottestOfStep = checked; });
  });
  addAction(tr("Show all steps and rows"), QStringLiteral("0"), [this] { Q_EMIT showAllAsked(); });
  addAction(tr("Undo the zoom of steps"), QStringLiteral("Backspace"), [this] { Q_EMIT undoZoomAsked(); });
}

void LoadControls::moveLayer(int by) {
  if (!m_scene || m_scene->layers().empty()) return;
  const auto layers = m_scene->layers();
  const auto at = static_cast<int>(std::ranges::find(layers, m_scene->layer()) - layers.begin());
  const int to = std::clamp(at + by, 0, static_cast<int>(layers.size()) - 1);
  m_state.setLayer(layers[static_cast<std::size_t>(to)]);
}

void LoadControls::moveStream(int by) {
  const auto& streams = m_choices.recorded;
  if (streams.empty()) return;
  const auto count = static_cast<int>(streams.size());
  const auto found = std::ranges::find(streams, m_state.stream());
  const int at = found == streams.end() ? (by > 0 ? -1 : 0) : static_cast<int>(found - streams.begin());
  m_state.setStream(streams[static_cast<std::size_t>((at + by + count) % count)]);
}

}  // namespace moesim::gui
