#include "gui/models/view_state.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <cmath>

namespace moesim::gui {
namespace {

TEST(ViewStateTest, ZoomsAreCutToTheFullRangeAndKeepTheirLength) {
  ViewState state;
  state.setFullRange({0, 10});
  state.setTimeRange({-3, 1});
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 4}));
  state.setTimeRange({8, 12});
  EXPECT_EQ(state.timeRange(), (TimeRange{6, 10}));
  state.setTimeRange({-5, 50});
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 10}));
}

TEST(ViewStateTest, ZoomsAreUndoneAndRedone) {
  ViewState state;
  state.setFullRange({0, 8});
  state.setTimeRange({0, 4});
  state.setTimeRange({1, 2});
  state.undoZoom();
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 4}));
  state.undoZoom();
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 8}));
  EXPECT_FALSE(state.canUndoZoom());
  state.redoZoom();
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 4}));
  state.setTimeRange({2, 3});
  EXPECT_FALSE(state.canRedoZoom());
}

TEST(ViewStateTest, ZoomsOfOneGestureAreUndoneTogether) {
  ViewState state;
  state.setFullRange({0, 8});
  for (const double end : {7.0, 6.0, 5.0}) state.setTimeRange({0, end}, true);
  state.undoZoom();
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 8}));
}

TEST(ViewStateTest, EmptyAndInfiniteRangesAreNotShown) {
  ViewState state;
  state.setFullRange({0, 8});
  state.setTimeRange({3, 3});
  state.setTimeRange({std::nan(""), 4});
  state.setTimeRange({0, INFINITY});
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 8}));
}

TEST(ViewStateTest, SignalsTellOfChangesAlone) {
  ViewState state;
  const QSignalSpy steps(&state, &ViewState::stepChanged);
  state.setStep(5);
  state.setStep(5);
  EXPECT_EQ(steps.size(), 1);
  const QSignalSpy hovers(&state, &ViewState::hoverTimeChanged);
  state.setHoverTime(1.5);
  state.setHoverTime(1.5);
  state.setHoverTime({});
  EXPECT_EQ(hovers.size(), 2);
}

TEST(ViewStateTest, ResetForgetsEverything) {
  ViewState state;
  state.setFullRange({0, 8});
  state.setTimeRange({1, 2});
  state.setLayer(4);
  state.setSelectedRange(TimeRange{1, 2});
  state.reset();
  EXPECT_EQ(state.layer(), -1);
  EXPECT_FALSE(state.selectedRange().has_value());
  EXPECT_FALSE(state.canUndoZoom());
}

}  // namespace
}  // namespace moesim::gui
