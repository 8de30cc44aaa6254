#include "gui/models/step_player.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>

namespace moesim::gui {
namespace {

constexpr int kPatienceMs = 20'000;

class StepPlayerTest : public testing::Test {
 protected:
  void SetUp() override {
    player.setColumns(std::make_shared<const StepColumns>(std::vector<std::int64_t>{0, 10, 20, 50}));
  }

  ViewState state;
  StepPlayer player{state};
};

TEST_F(StepPlayerTest, MovesOverRecordedSteps) {
  player.moveBy(1);
  EXPECT_EQ(state.step(), 10);
  player.moveBy(-5);
  EXPECT_EQ(state.step(), 0);
  player.setColumn(99);
  EXPECT_EQ(state.step(), 50);
  state.setStep(25);
  EXPECT_EQ(player.column(), 2);
}

TEST_F(StepPlayerTest, PlaysToTheEndAndFromTheStartAgain) {
  player.setStepsPerSecond(1000);
  QSignalSpy steps(&state, &ViewState::stepChanged);
  QSignalSpy playing(&player, &StepPlayer::playingChanged);
  player.setPlaying(true);
  EXPECT_TRUE(player.isPlaying());
  while (player.isPlaying()) ASSERT_TRUE(playing.wait(kPatienceMs));
  EXPECT_EQ(state.step(), 50);
  EXPECT_GE(steps.size(), 1);
  player.setStepsPerSecond(1);
  player.setPlaying(true);
  EXPECT_EQ(state.step(), 0);
  player.setPlaying(false);
  EXPECT_FALSE(player.isPlaying());
}

TEST_F(StepPlayerTest, OneStepIsNotPlayed) {
  player.setColumns(std::make_shared<const StepColumns>(std::vector<std::int64_t>{3}));
  player.setPlaying(true);
  EXPECT_FALSE(player.isPlaying());
  player.setColumns(nullptr);
  EXPECT_EQ(player.column(), -1);
  player.moveBy(1);
  EXPECT_EQ(state.step(), 0);
}

}  // namespace
}  // namespace moesim::gui
