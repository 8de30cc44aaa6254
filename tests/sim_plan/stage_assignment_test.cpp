#include "sim/plan/stage_assignment.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

/// All passes of a layer from the published profile, ms: the pair of an MoE layer 32.25, a head 3 x 14
/// (derived).
constexpr LayerTimes kProfile{32.25, 32.25, 33.5, 42.0, 0.5};

std::vector<int> layers_of(const std::vector<StageContent>& stages) {
  std::vector<int> layers;
  for (const StageContent& stage : stages) layers.push_back(stage.num_layers());
  return layers;
}

std::vector<int> published(int first, int last) {
  std::vector<int> layers(16, 4);
  layers.front() = first;
  layers.back() = last;
  return layers;
}

TEST(BalanceStages, GivesDeepSeekV3FourLayersOnFifteenStagesAndOneWithMtpAndHeads) {
  const ModelSpec model = test::deepseek_v3();
  for (const LayerTimes& times : {kProfile, layer_times_by_flops(model, 4096)}) {
    const auto stages = balance_stages(model, {ScheduleKind::dualpipe, 16}, times);
    EXPECT_EQ(layers_of(stages), published(4, 1));
    EXPECT_EQ(stages[0].num_dense, 3);
    EXPECT_TRUE(stages[0].has_embedding);
    EXPECT_EQ(stages[15].num_mtp, 1);
    EXPECT_EQ(stages[15].num_heads(), 2);
  }
}

// 3, then 4 x 14, then 2 with MTP and heads: the first rank holds the same layers, so the same time within
// 0.2 %.
TEST(BalanceStages, EqualsTheOtherPublishedAssignment) {
  const ModelSpec model = test::deepseek_v3();
  const double one =
      largest_rank_time(assign_stages(model, published(4, 1)), {ScheduleKind::dualpipe, 16}, kProfile);
  const double two =
      largest_rank_time(assign_stages(model, published(3, 2)), {ScheduleKind::dualpipe, 16}, kProfile);
  EXPECT_NEAR(two / one, 1, 0.002);
  // 5 layers, the MTP module, two heads and the embedding.
  EXPECT_NEAR(one, 5 * 32.25 + 33.5 + 2 * 42 + 0.5, 1e-9);
}

TEST(BalanceStages, BeatsFourTimesFourteenThenThreeThenTwo) {
  const ModelSpec model = test::deepseek_v3();
  std::vector<int> lopsided(16, 4);
  lopsided[14] = 3;
  lopsided[15] = 2;
  const auto best = balance_stages(model, {ScheduleKind::dualpipe, 16}, kProfile);
  EXPECT_LT(largest_rank_time(best, {ScheduleKind::dualpipe, 16}, kProfile),
            largest_rank_time(assign_stages(model, lopsided), {ScheduleKind::dualpipe, 16}, kProfile));
}

/// Layers of every way to cut `left` layers into stages, where `may_end_empty` is 1 with none in the last.
void all_cuts(int left, std::size_t stages, int may_end_empty, std::vector<int>& prefix, const auto& visit) {
  if (stages == 1) {
    prefix.push_back(left);
    visit(prefix);
    prefix.pop_back();
    return;
  }
  for (int take = 1; take <= left - static_cast<int>(stages) + 1 + may_end_empty; ++take) {
    prefix.push_back(take);
    all_cuts(left - take, stages - 1, may_end_empty, prefix, visit);
    prefix.pop_back();
  }
}

struct Case {
  ScheduleShape pipeline;
  LayerTimes times;
};
class BalanceOfSmallModels : public testing::TestWithParam<Case> {};

// Stages within 1 % of the least time count as alike.
TEST_P(BalanceOfSmallModels, ComesWithinOnePercentOfExhaustiveSearch) {
  const auto& [pipeline, times] = GetParam();
  ModelSpec model;
  model.num_layers = 11;
  model.num_dense_layers = 3;
  model.mtp_depth = 1;
  double best = 1e300;
  const int may_end_empty = num_stages(pipeline) > pipeline.num_ranks ? 1 : 0;
  std::vector<int> prefix;
  all_cuts(model.num_layers, static_cast<std::size_t>(num_stages(pipeline)), may_end_empty, prefix,
           [&](const std::vector<int>& cut) {
             best = std::min(best, step_pace(assign_stages(model, cut), pipeline, times));
           });
  const auto stages = balance_stages(model, pipeline, times);
  EXPECT_GE(step_pace(stages, pipeline, times), best * (1 - 1e-9));
  EXPECT_LE(step_pace(stages, pipeline, times), best * 1.01);
  int first = 0;
  for (const StageContent& stage : stages) {
    EXPECT_EQ(stage.first_layer, first);
    first += stage.num_layers();
  }
  EXPECT_EQ(first, 11);
}

INSTANTIATE_TEST_SUITE_P(Cases, BalanceOfSmallModels,
                         testing::Values(Case{{ScheduleKind::one_f_one_b, 1}, {1, 1, 1, 1, 0}},
                                         Case{{ScheduleKind::one_f_one_b, 4}, {1, 2, 2, 3, 0.5}},
                                         Case{{ScheduleKind::one_f_one_b, 6}, {2.5, 1, 1, 1.3, 0}},
                                         Case{{ScheduleKind::dualpipe, 2}, {1, 2, 2, 3, 0.5}},
                                         Case{{ScheduleKind::dualpipe, 4}, {0.7, 1, 1.1, 1.4, 0.1}},
                                         Case{{ScheduleKind::dualpipe, 6}, {1.3, 1, 1, 5, 0}},
                                         Case{{ScheduleKind::zbv, 2}, {1, 2, 2, 3, 0.5}},
                                         Case{{ScheduleKind::dualpipev, 3}, {1.3, 1, 1, 5, 0}},
                                         Case{{ScheduleKind::zb1p, 4}, {1, 2, 2, 3, 0.5}},
                                         Case{{ScheduleKind::interleaved_1f1b, 2, 1, 2}, {1, 1, 2, 3, 0.5}},
                                         Case{{ScheduleKind::interleaved_1f1b, 3, 1, 2}, {1, 1, 1, 3, 0.5}},
                                         Case{{ScheduleKind::one_f_one_b_overlap, 2, 1, 3},
                                              {1, 1, 1.1, 1.4, 0.1}}));

// Mixtral-8x22B's 56 layers on PP 8 x 7 stages: one each. 94 layers on PP 8 x 4: with a heavy last stage, 3
// layers on all stages but the last.
TEST(BalanceStages, SpreadsLayersOverVirtualStages) {
  ModelSpec model;
  model.num_layers = 56;
  const ScheduleShape seven{ScheduleKind::interleaved_1f1b, 8, 8, 7};
  EXPECT_EQ(layers_of(balance_stages(model, seven, {1, 1, 1, 0.5, 0})), std::vector<int>(56, 1));
  model.num_layers = 94;
  const ScheduleShape four{ScheduleKind::interleaved_1f1b, 8, 8, 4};
  const LayerTimes times{1, 1, 1, 1.2, 0};
  const auto stages = balance_stages(model, four, times);
  EXPECT_EQ(stages.size(), 32U);
  EXPECT_EQ(stages.back().num_heads(), 1);
  EXPECT_LE(stages.back().num_layers(), 2);
  for (const StageContent& stage : stages) EXPECT_LE(stage.num_layers(), 3);
  EXPECT_DOUBLE_EQ(step_pace(stages, four, times), 4 * 3);
}

// The last stage, MTP module and two heads of 1.3 layers each, is as long as three or four layers without
// any of its own; 61 others have 31 stages.
TEST(BalanceStages, LetsTheLastStageHaveTheHeadsAloneWhereItsRankHasOtherLayers) {
  const ModelSpec model = test::deepseek_v3();
  for (const ScheduleShape& shape :
       {ScheduleShape{ScheduleKind::interleaved_1f1b, 16, 16, 2}, ScheduleShape{ScheduleKind::zbv, 16, 16}}) {
    const auto stages = balance_stages(model, shape, kProfile);
    EXPECT_EQ(stages.back().num_layers(), 0);
    int with_two = 0;
    for (const StageContent& stage : stages) with_two += stage.num_layers() == 2 ? 1 : 0;
    EXPECT_EQ(with_two, 30);
  }
  EXPECT_EQ(balance_stages(model, {ScheduleKind::one_f_one_b, 16}, kProfile).back().num_layers(), 1);
}

TEST(AssignStages, CutsWhereTheListSays) {
  const auto stages = assign_stages(test::deepseek_v3(), {2, 59});
  EXPECT_EQ(stages[0], (StageContent{0, 2, 0, true, false, 0}));
  EXPECT_EQ(stages[1], (StageContent{2, 1, 58, false, true, 1}));
}

}  // namespace
}  // namespace moesim
