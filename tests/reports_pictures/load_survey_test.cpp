#include "reports/pictures/load_survey.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "reports/pictures/pixels.hpp"
#include "tests/reports_pictures/load_rows.hpp"

namespace moesim::pictures {
namespace {

using test::LoadRowsInMemory;
using testing::Each;
using testing::ElementsAre;

TEST(MaxViolation, Is_the_greatest_over_the_mean_less_one) {
  EXPECT_EQ(max_violation(std::vector<std::uint32_t>{4, 4, 4, 4}), 0);
  EXPECT_EQ(max_violation(std::vector<std::uint32_t>{8, 4, 4, 0}), 1);   // mean 4, max 8
  EXPECT_EQ(max_violation(std::vector<std::uint32_t>{16, 0, 0, 0}), 3);  // all on one of four
  EXPECT_EQ(max_violation(std::vector<std::uint32_t>{0, 0}), 0);
  // Sums beyond 32 bits.
  EXPECT_EQ(max_violation(std::vector<std::uint32_t>{4'000'000'000, 4'000'000'000}), 0);
}

TEST(OverMean, Has_the_mean_one) {
  std::vector<float> loads;
  over_mean(std::vector<std::uint32_t>{8, 4, 4, 0}, loads);
  EXPECT_THAT(loads, ElementsAre(2, 1, 1, 0));
  over_mean(std::vector<std::uint32_t>{0, 0, 0}, loads);
  EXPECT_THAT(loads, Each(kNoData));
}

TEST(SurveyLoads, Finds_the_worst_layer_and_the_hottest_cell) {
  LoadRowsInMemory rows;
  rows.add(0, 3, {5, 3}).add(0, 7, {6, 2}).add(1, 3, {4, 4}).add(1, 7, {0, 8});
  const LoadSurvey survey = survey_loads(rows.reader());
  EXPECT_EQ(survey.width, 2);
  EXPECT_EQ(survey.num_rows, 4);
  EXPECT_EQ(survey.num_steps, 2);
  EXPECT_EQ(survey.most_imbalanced_layer(), 7);
  EXPECT_DOUBLE_EQ(survey.layers.at(7).mean_violation(), (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(survey.mean_violation(), (0.25 + 0.5 + 0 + 1) / 4);
  EXPECT_THAT(survey.layers.at(7).tokens, ElementsAre(6, 10));
  EXPECT_EQ(survey.hottest.over_mean, 2);
  EXPECT_EQ(survey.hottest.step, 1);
  EXPECT_EQ(survey.hottest.layer, 7);
  EXPECT_EQ(survey.hottest.index, 1);
}

TEST(SurveyLoads, Recorded_steps_are_columns) {
  LoadRowsInMemory rows;
  for (int step = 5; step <= 105; step += 10) rows.add(step, 0, {1, 1}).add(step, 1, {1, 1});
  rows.add(109, 0, {1, 1});  // the last one, beside the beat
  const LoadSurvey survey = survey_loads(rows.reader());
  EXPECT_EQ(survey.stride, 10);
  EXPECT_EQ(survey.num_columns(), 11);
  EXPECT_EQ(survey.column_of(5), 0);
  EXPECT_EQ(survey.column_of(105), 10);
  EXPECT_EQ(survey.column_of(109), 10);
  EXPECT_EQ(survey.step_of(2), 25);
}

TEST(SurveyLoads, Refuses_rows_of_several_widths) {
  LoadRowsInMemory rows;
  rows.add(0, 0, {1, 2}).add(1, 0, {1, 2, 3});
  EXPECT_THROW(survey_loads(rows.reader()), RunError);
  LoadRowsInMemory empty;
  empty.add(0, 0, {});
  EXPECT_THROW(survey_loads(empty.reader()), RunError);
}

TEST(SurveyLoads, Rows_without_tokens_are_not_hot) {
  LoadRowsInMemory rows;
  rows.add(0, 0, {0, 0}).add(1, 0, {1, 1});
  EXPECT_EQ(survey_loads(rows.reader()).hottest.over_mean, 1);
  EXPECT_EQ(survey_loads(rows.reader()).hottest.step, 1);
}

TEST(SurveyLoads, Nothing_is_nothing) {
  const LoadRowsInMemory rows;
  const LoadSurvey survey = survey_loads(rows.reader());
  EXPECT_EQ(survey.num_rows, 0);
  EXPECT_EQ(survey.mean_violation(), 0);
}

}  // namespace
}  // namespace moesim::pictures
