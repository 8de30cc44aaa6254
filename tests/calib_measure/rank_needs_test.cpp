#include "calib/measure/rank_needs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

std::vector<MeasuredCase> cases_between_gpus() {
  std::vector<MeasuredCase> all = collectives_cases();
  for (const auto& more : {dispatch_cases(), combine_cases()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(RankNeeds, ComeFromTheAxes) {
  MeasuredCase point;
  EXPECT_EQ(rank_needs(point), (RankNeeds{1, 1}));
  point.op = TimedOperator::all_to_all;
  point.axes = {{"num_gpus", 16}, {"bytes", 1024}};
  point.settings = {{"nodes", 2}};
  EXPECT_EQ(rank_needs(point), (RankNeeds{16, 2}));
  point.op = TimedOperator::combine_low_latency;
  point.axes = {{"ep", 8}, {"tokens", 128}, {"top_k", 8}, {"hidden", 7168}};
  point.settings.clear();
  EXPECT_EQ(rank_needs(point), (RankNeeds{8, 1}));
}

TEST(RankNeeds, AGpuAloneMeasuresSoftwareFloorsOnly) {
  int floors = 0;
  for (const MeasuredCase& point : cases_for(cases_between_gpus(), {1, 1})) {
    EXPECT_EQ(point.name, kSoftwareFloor);
    EXPECT_TRUE(is_software_floor(point)) << point.id();
    ++floors;
  }
  EXPECT_GT(floors, 0);
  for (const MeasuredCase& point : cases_for(cases_between_gpus(), {8, 1}))
    EXPECT_FALSE(is_software_floor(point));
  for (const MeasuredCase& point : gate_cases()) EXPECT_FALSE(is_software_floor(point));
}

TEST(RankNeeds, EightGpusMeasureEveryOperatorOverAllSizes) {
  const auto cases = cases_for(collectives_cases(), {8, 1});
  for (TimedOperator op : {TimedOperator::all_reduce, TimedOperator::all_gather,
                           TimedOperator::reduce_scatter, TimedOperator::all_to_all}) {
    double least = 1e18;
    double most = 0;
    for (const MeasuredCase& point : cases) {
      if (point.op != op || !point.name.empty() || !point.settings.empty()) continue;
      least = std::min(least, point.axis("bytes"));
      most = std::max(most, point.axis("bytes"));
    }
    EXPECT_EQ(least, 1024);
    EXPECT_EQ(most, 512.0 * 1024 * 1024);
  }
}

TEST(RankNeeds, NodesHaveTheNodeLimitedExchange) {
  const auto limited = [](const RankNeeds& needs) {
    const auto cases = cases_for(collectives_cases(), needs);
    return std::count_if(cases.begin(), cases.end(),
                         [](const auto& point) { return point.name == "node_limited"; });
  };
  EXPECT_GT(limited({16, 2}), 0);
  EXPECT_EQ(limited({8, 1}), 0);
}

TEST(StandardSuite, TakesTheCasesOfItsRanks) {
  for (const MeasuredCase& point : standard_suite()) EXPECT_EQ(rank_needs(point), RankNeeds{}) << point.id();
  const auto eight = standard_suite({8, 1});
  EXPECT_FALSE(eight.empty());
  for (const MeasuredCase& point : eight) EXPECT_EQ(rank_needs(point), (RankNeeds{8, 1})) << point.id();
}

TEST(StandardSuite, RandomCasesToo) {
  EXPECT_EQ(random_cases(40, 3, {}).size(), 40U);
  const auto eight = random_cases(40, 3, {}, {8, 1});
  EXPECT_EQ(eight.size(), 40U);
  for (const MeasuredCase& point : eight) EXPECT_EQ(rank_needs(point), (RankNeeds{8, 1}));
  EXPECT_TRUE(random_cases(10, 3, {}, {12, 1}).empty());
}

// What differs from the plain measurement must say so by a setting: names of these operators only tell
// implementations of the same thing apart.
TEST(TransferCases, VariantsCarryASetting) {
  for (const MeasuredCase& point : cases_between_gpus()) {
    if (point.name == "skewed") {
      EXPECT_TRUE(point.settings.contains("max_over_mean"));
    }
    if (point.name == "node_limited") {
      EXPECT_TRUE(point.settings.contains("kept_nodes"));
    }
  }
}

TEST(TransferCases, IdsAreUniqueAndAxesAreThoseOfTheOperator) {
  std::vector<MeasuredCase> all = cases_between_gpus();
  for (const auto& more : {gate_cases(), permute_cases(), unpermute_cases(), quantise_dispatch_cases()})
    all.insert(all.end(), more.begin(), more.end());
  std::set<std::string> ids;
  for (const MeasuredCase& point : all) {
    EXPECT_TRUE(ids.insert(point.id()).second) << point.id();
    for (const std::string& axis : axes_of(point.op)) EXPECT_TRUE(point.axes.contains(axis)) << point.id();
  }
}

TEST(TransferCases, RandomCasesFillTheirAxes) {
  using Draw = MeasuredCase (*)(RandomStream&);
  for (const Draw draw :
       {gate_random_case, permute_random_case, unpermute_random_case, quantise_dispatch_random_case,
        dispatch_random_case, combine_random_case, collectives_random_case}) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      RandomStream random(5, stream_of("random_case"), i);
      const MeasuredCase point = draw(random);
      for (const std::string& axis : axes_of(point.op)) EXPECT_GE(point.axis(axis), 1) << point.id();
      EXPECT_EQ(point.name == kSoftwareFloor, is_software_floor(point));
    }
  }
}

}  // namespace
}  // namespace moesim
