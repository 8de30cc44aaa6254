#include "gui/models/load_scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gui_models/load_fixture.hpp"

namespace moesim::gui {
namespace {

using pictures::kNoData;
using test::historyOf;
using testing::ElementsAre;

std::vector<float> cellsOf(const CellsPtr& cells, std::size_t column) {
  std::vector<float> values;
  for (std::size_t row = 0; row < cells->num_rows(); ++row) values.push_back(cells->at(column, row));
  return values;
}

TEST(LoadSceneTest, CellsAreLoadsOverTheMean) {
  const auto history = historyOf({{0, 3, {1, 3}}, {0, 4, {2, 2}}, {5, 3, {8, 0}}});
  const LoadScene scene({{history, nullptr}, 3, false, {}});
  EXPECT_EQ(scene.numSides(), 1);
  EXPECT_EQ(scene.layer(), 3);
  EXPECT_THAT(cellsOf(scene.stepCells(0), 0), ElementsAre(0.5F, 1.5F));
  EXPECT_THAT(cellsOf(scene.stepCells(0), 1), ElementsAre(2.0F, 0.0F));
  EXPECT_THAT(cellsOf(scene.layerCells(0, 0), 1), ElementsAre(1.0F, 1.0F));
  // Layer 4 has no row at step 5.
  EXPECT_THAT(cellsOf(scene.layerCells(0, 1), 1), ElementsAre(kNoData, kNoData));
  EXPECT_FLOAT_EQ(scene.greatestLoad(), 2);
  EXPECT_FALSE(scene.hasDifference());
}

TEST(LoadSceneTest, AnUnknownLayerIsTheMostImbalanced) {
  const auto history = historyOf({{0, 3, {1, 3}}, {0, 4, {4, 0}}});
  EXPECT_EQ(LoadScene({{history, nullptr}, {}, false, {}}).layer(), 4);
  EXPECT_EQ(LoadScene({{history, nullptr}, 9, false, {}}).layer(), 4);
}

TEST(LoadSceneTest, SortedRowsKnowTheirElements) {
  const auto history = historyOf({{0, 3, {1, 5, 3}}});
  const LoadScene scene({{history, nullptr}, 3, true, {}});
  EXPECT_THAT(cellsOf(scene.stepCells(0), 0), ElementsAre(5.0F / 3, 1.0F, 1.0F / 3));
  for (int row = 0; row < 3; ++row) EXPECT_EQ(scene.rowOf(0, 3, scene.elementAt(0, 3, row)), row);
  EXPECT_EQ(scene.elementAt(0, 3, 0), 1);
  EXPECT_EQ(scene.elementAt(0, 3, 3), -1);
  EXPECT_EQ(scene.rowOf(0, 3, -1), -1);
}

TEST(LoadSceneTest, DifferencesAreOfStepsThatBothRecorded) {
  const auto first = historyOf({{0, 3, {1, 3}}, {5, 3, {2, 2}}, {10, 3, {4, 0}}});
  const auto second = historyOf({{0, 3, {3, 1}}, {10, 3, {2, 2}}});
  const LoadScene scene({{first, second}, 3, false, {}});
  ASSERT_TRUE(scene.hasDifference());
  EXPECT_THAT(scene.columns()->steps(), ElementsAre(0, 5, 10));
  EXPECT_THAT(cellsOf(scene.stepDifferences(), 0), ElementsAre(1.0F, -1.0F));
  // Step 5 of the second is held from step 0; the difference is that of step 0 still.
  EXPECT_EQ(scene.stepAt(1, 1), 0);
  EXPECT_THAT(cellsOf(scene.stepDifferences(), 1), ElementsAre(1.0F, -1.0F));
  EXPECT_THAT(cellsOf(scene.stepDifferences(), 2), ElementsAre(-1.0F, 1.0F));
  EXPECT_FLOAT_EQ(scene.greatestDifference(), 1);
  EXPECT_EQ(scene.layerDifferences(-1), nullptr);
}

TEST(LoadSceneTest, OneStepCanBeComparedWithAll) {
  const auto history = historyOf({{0, 3, {1, 3}}, {5, 3, {2, 2}}});
  const LoadScene scene({{history, history}, 3, false, 0});
  EXPECT_THAT(cellsOf(scene.stepCells(0), 1), ElementsAre(0.5F, 1.5F));
  EXPECT_THAT(cellsOf(scene.stepDifferences(), 0), ElementsAre(0.0F, 0.0F));
  EXPECT_THAT(cellsOf(scene.stepDifferences(), 1), ElementsAre(0.5F, -0.5F));
}

TEST(LoadSceneTest, OtherElementsHaveNoDifference) {
  const auto first = historyOf({{0, 3, {1, 3}}});
  const auto second = historyOf({{0, 3, {3, 1, 2}}});
  const LoadScene scene({{first, second}, 3, true, {}});
  EXPECT_FALSE(scene.hasDifference());
  EXPECT_EQ(scene.numRows(), 3);
  EXPECT_THAT(cellsOf(scene.stepCells(0), 0), ElementsAre(1.5F, 0.5F, kNoData));
  EXPECT_EQ(scene.elementAt(0, 3, 2), -1);
}

TEST(LoadSceneTest, WhatAnotherSceneHasIsTakenOver) {
  const auto first = historyOf({{0, 3, {1, 3}}, {0, 4, {1, 1}}});
  const auto second = historyOf({{0, 3, {3, 1}}, {0, 4, {9, 1}}});
  const LoadScene before({{first, second}, 3, false, {}});
  const LoadScene like({{first, second}, 3, false, {}}, &before);
  const LoadScene other({{first, second}, 4, false, {}}, &before);
  EXPECT_EQ(like.stepCells(0), before.stepCells(0));
  EXPECT_NE(other.stepCells(0), before.stepCells(0));
  EXPECT_FLOAT_EQ(other.greatestDifference(),
                  LoadScene({{first, second}, 4, false, {}}).greatestDifference());
}

}  // namespace
}  // namespace moesim::gui
