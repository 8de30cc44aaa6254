#include "gui/models/load_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/gui_models/load_fixture.hpp"

namespace moesim::gui {
namespace {

using test::historyOf;
using testing::ElementsAre;

TEST(LoadHistoryTest, KnowsViolationsPeaksAndOrder) {
  // Layer 3: 1 2 3 10, mean 4: MaxVio 1.5; 4 4 4 4: 0. Layer 7: 8 0 0 0, mean 2: 3, at step 0 alone.
  const auto history = historyOf({{0, 3, {1, 2, 3, 10}}, {0, 7, {8, 0, 0, 0}}, {5, 3, {4, 4, 4, 4}}});
  EXPECT_EQ(history->width(), 4);
  ASSERT_EQ(history->violations(3).size(), 2U);
  EXPECT_FLOAT_EQ(history->violations(3)[0], 1.5F);
  EXPECT_FLOAT_EQ(history->violations(3)[1], 0);
  EXPECT_FLOAT_EQ(history->violations(7)[0], 3);
  EXPECT_TRUE(std::isnan(history->violations(7)[1]));
  EXPECT_TRUE(history->violations(4).empty());
  EXPECT_FLOAT_EQ(history->violationRanges()[0].least, 1.5F);
  EXPECT_FLOAT_EQ(history->violationRanges()[0].mean, 2.25F);
  EXPECT_FLOAT_EQ(history->violationRanges()[0].greatest, 3);
  EXPECT_EQ(history->mostImbalancedLayer(), 7);
  EXPECT_THAT(history->order(3), ElementsAre(3, 2, 1, 0));
  // Expert 0 of layer 7 is four times the mean, expert 3 of layer 3 two and a half times.
  EXPECT_EQ(history->peaks()[0], (HotCell{7, 0, 0, 8, 4}));
  EXPECT_EQ(history->peaks()[1], (HotCell{3, 3, 0, 10, 2.5F}));
  EXPECT_FLOAT_EQ(history->hottest(), 4);
  EXPECT_FLOAT_EQ(balancednessOf(3), 0.25F);
}

TEST(LoadHistoryTest, OneStepHasItsOwnHottest) {
  const auto history = historyOf({{0, 3, {1, 2, 3, 10}}, {5, 3, {4, 4, 6, 2}}});
  const auto cells = hottestAt(*history, 5, 2);
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(cells[0], (HotCell{3, 2, 5, 6, 1.5F}));
  EXPECT_EQ(cells[1].element, 0);
  EXPECT_TRUE(hottestAt(*history, 4, 2).empty());
}

TEST(LoadHistoryTest, WithoutTokensNothingIsHot) {
  const auto history = historyOf({{0, 0, {0, 0}}});
  EXPECT_EQ(history->hottest(), 0);
  EXPECT_TRUE(history->peaks().empty());
  EXPECT_EQ(history->violations(0)[0], 0);
  EXPECT_TRUE(historyOf({})->isEmpty());
}

}  // namespace
}  // namespace moesim::gui
