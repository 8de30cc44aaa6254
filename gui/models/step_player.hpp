#pragma once

#include <QObject>
#include <QTimer>
#include <memory>

#include "gui/models/step_columns.hpp"
#include "gui/models/view_state.hpp"

namespace moesim::gui {

/// Moves the step of a view state over the recorded steps, by hand or as time goes by.
class StepPlayer : public QObject {
  Q_OBJECT

 public:
  /// `state` must outlive the player.
  explicit StepPlayer(ViewState& state, QObject* parent = nullptr);

  /// Null or empty: there is nothing to play.
  void setColumns(std::shared_ptr<const StepColumns> columns);
  /// The column of the state's step; -1 where there is none.
  [[nodiscard]] int column() const;
  /// Cut to the columns that there are.
  void setColumn(int column);
  void moveBy(int columns) { setColumn(column() + columns); }

  [[nodiscard]] bool isPlaying() const { return m_timer.isActive(); }
  /// From the first step again where the last one is shown; ends at the last.
  void setPlaying(bool playing);
  [[nodiscard]] double stepsPerSecond() const { return m_stepsPerSecond; }
  /// Above 0.
  void setStepsPerSecond(double speed);

 Q_SIGNALS:
  void playingChanged(bool playing);

 private:
  void advance();

  ViewState& m_state;
  std::shared_ptr<const StepColumns> m_columns;
  QTimer m_timer;
  double m_stepsPerSecond = 10;
};

}  // namespace moesim::gui
