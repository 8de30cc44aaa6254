#include "gui/models/step_player.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace moesim::gui {
namespace {

/// More pictures a second are not drawn; steps are left out then.
constexpr double kMostPicturesPerSecond = 30;

}  // namespace

StepPlayer::StepPlayer(ViewState& state, QObject* parent) : QObject(parent), m_state(state) {
  setStepsPerSecond(m_stepsPerSecond);
  connect(&m_timer, &QTimer::timeout, this, &StepPlayer::advance);
}

void StepPlayer::setColumns(std::shared_ptr<const StepColumns> columns) {
  m_columns = std::move(columns);
  if (column() < 0) setPlaying(false);
}

int StepPlayer::column() const {
  return m_columns ? m_columns->columnOf(m_state.step()) : -1;
}

void StepPlayer::setColumn(int column) {
  if (!m_columns || m_columns->isEmpty()) return;
  m_state.setStep(m_columns->step(std::clamp(column, 0, m_columns->count() - 1)));
}

void StepPlayer::setPlaying(bool playing) {
  playing = playing && m_columns && m_columns->count() > 1;
  if (playing == isPlaying()) return;
  if (playing) {
    if (column() == m_columns->count() - 1) setColumn(0);
    m_timer.start();
  } else {
    m_timer.stop();
  }
  Q_EMIT playingChanged(playing);
}

void StepPlayer::setStepsPerSecond(double speed) {
  m_stepsPerSecond = speed;
  m_timer.setInterval(static_cast<int>(std::lround(1000 / std::min(speed, kMostPicturesPerSecond))));
}

void StepPlayer::advance() {
  const int stride = std::max(1, static_cast<int>(std::lround(m_stepsPerSecond / kMostPicturesPerSecond)));
  moveBy(stride);
  if (column() == m_columns->count() - 1) setPlaying(false);
}

}  // namespace moesim::gui
