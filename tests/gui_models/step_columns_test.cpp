#include "gui/models/step_columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moesim::gui {
namespace {

using testing::ElementsAre;

TEST(StepColumnsTest, AStepIsInTheMiddleOfItsColumn) {
  const StepColumns columns({30, 0, 10, 10});
  EXPECT_THAT(columns.steps(), ElementsAre(0, 10, 30));
  struct Case {
    double step;
    double position;
  };
  for (const Case& one :
       {Case{0, 0.5}, Case{10, 1.5}, Case{20, 2}, Case{30, 2.5}, Case{-5, 0}, Case{40, 3}}) {
    EXPECT_DOUBLE_EQ(columns.positionOf(one.step), one.position) << one.step;
    EXPECT_DOUBLE_EQ(columns.stepAt(one.position), one.step) << one.position;
  }
}

TEST(StepColumnsTest, AColumnIsOfTheLastStepThatIsNotAfter) {
  const StepColumns columns({0, 10, 30});
  struct Case {
    std::int64_t step;
    int column;
  };
  for (const Case& one : {Case{-1, 0}, Case{0, 0}, Case{9, 0}, Case{10, 1}, Case{29, 1}, Case{99, 2}})
    EXPECT_EQ(columns.columnOf(one.step), one.column) << one.step;
  EXPECT_EQ(StepColumns().columnOf(3), -1);
  EXPECT_EQ(StepColumns().positionOf(3), 0);
  EXPECT_DOUBLE_EQ(StepColumns({7}).positionOf(7), 0.5);
}

TEST(StepColumnsTest, EvenColumnsMakeTheAxisLinear) {
  EXPECT_THAT(StepColumns({0, 5, 10, 20}).evened().steps(), ElementsAre(0, 5, 10, 15, 20));
  // Too far apart: they stay as they are.
  EXPECT_THAT(StepColumns({0, 1, 1000000000000}).evened().steps(), ElementsAre(0, 1, 1000000000000));
}

TEST(StepColumnsTest, ARowIsHeldUntilTheNextOne) {
  const StepColumns columns({0, 5, 10, 15, 20, 25});
  const std::vector<std::int64_t> steps{5, 15};
  EXPECT_THAT(heldSteps(steps, columns), ElementsAre(kNoStep, 5, 5, 15, 15, kNoStep));
  EXPECT_THAT(heldSteps({}, columns).front(), kNoStep);
}

}  // namespace
}  // namespace moesim::gui
