#pragma once

#include <QWidget>
#include <string>
#include <vector>

#include "gui/models/load_scene.hpp"
#include "gui/models/step_player.hpp"
#include "gui/models/view_state.hpp"
#include "gui/views/load_display.hpp"

class QAction;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QProgressBar;
class QSlider;
class QToolButton;

namespace moesim::gui {

/// The choosers above load pictures, and the slider and buttons that move through the steps. Its actions are
/// to be added to the view.
class LoadControls : public QWidget {
  Q_OBJECT

 public:
  /// `state` and `player` must outlive the controls.
  LoadControls(ViewState& state, StepPlayer& player, QWidget* parent = nullptr);

  /// Which streams have rows, and what can be compared.
  struct Choices {
    std::vector<std::string> recorded;  ///< streams with rows
    bool hasSecond = false;             ///< another result is open
    bool hasAfterEplb = false;          ///< of the stream shown
  };
  void setChoices(const Choices& choices);
  /// Null: nothing is shown.
  void setScene(const ScenePtr& scene);
  /// A fraction in [0, 1]; below 0: nothing is read.
  void setProgress(double fraction);

  [[nodiscard]] const LoadDisplay& display() const { return m_display; }
  void setDisplay(const LoadDisplay& display);
  [[nodiscard]] LoadComparison comparison() const { return m_comparison; }
  void setComparison(LoadComparison comparison);
  /// Of LoadComparison::step.
  [[nodiscard]] std::int64_t comparedStep() const { return m_comparedStep; }
  void compareWithStep(std::int64_t step);
  [[nodiscard]] bool isSorted() const;
  void setSorted(bool sorted);
  [[nodiscard]] const QList<QAction*>& viewActions() const { return m_actions; }

 Q_SIGNALS:
  void displayChanged();
  void comparisonChanged();
  void sortedChanged();
  void showAllAsked();
  void undoZoomAsked();

 private:
  QWidget* chooserRow();
  void connectChoosers();
  QWidget* stepRow();
  void addActions();
  void addDisplayActions();
  QAction* addAction(const QString& text, const QString& shortcut, const std::function<void()>& act);
  void showState();
  void showDisplay();
  void moveLayer(int by);
  void moveStream(int by);
  void change(const std::function<void(LoadDisplay&)>& edit);

  ViewState& m_state;
  StepPlayer& m_player;
  ScenePtr m_scene;
  Choices m_choices;
  LoadDisplay m_display;
  LoadComparison m_comparison = LoadComparison::none;
  std::int64_t m_comparedStep = 0;
  QList<QAction*> m_actions;
  QComboBox* m_streamBox;
  QComboBox* m_layerBox;
  QComboBox* m_comparisonBox;
  QComboBox* m_scaleBox;
  QComboBox* m_measureBox;
  QDoubleSpinBox* m_lowBox;
  QDoubleSpinBox* m_highBox;
  QAction* m_sortAction;
  QAction* m_hottestAction;
  QAction* m_playAction;
  QToolButton* m_playButton;
  QSlider* m_slider;
  QLabel* m_stepLabel;
  QComboBox* m_speedBox;
  QProgressBar* m_progress;
};

}  // namespace moesim::gui
