#include "sim/planner/search/serving_search.hpp"
#include "sim/planner/search/in_parallel.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.hpp"
#include "sim/planner/search/pareto_front.hpp"
#include "sim/planner/search/serving_candidates.hpp"
#include "tests/sim_planner_search/serving_spaces.hpp"

namespace moesim {
namespace {

using tests::kAnyFile;
using tests::SmallSpace;

Json search(const SmallSpace& space) {
  return search_serving(space.scenario, kAnyFile, space.search);
}

class ServingSpaces : public testing::TestWithParam<SmallSpace (*)()> {};

// The twin runs every deployment that fits.
TEST_P(ServingSpaces, PrunedBestAndFrontAreThoseOfTheWholeSpace) {
  SmallSpace space = GetParam()();
  space.search.threads = 2;
  const Json pruned = search(space)["summary"];
  space.search.exhaustive = true;
  const Json whole = search(space)["summary"];
  std::cout << space.name << ": " << pruned["evaluated"] << " of " << whole["evaluated"] << " layouts run, "
            << pruned["pareto"].size() << " on the front\n";
  EXPECT_EQ(pruned["best"], whole["best"]);
  EXPECT_EQ(pruned["pareto"], whole["pareto"]);
  EXPECT_EQ(whole["pruned_by_bound"], 0);
  // Of the others most may be on the front or among so many best, and are run.
  if (space.name == std::string("wide")) {
    EXPECT_GT(pruned["pruned_by_bound"].get<int>(), 0);
  }
  EXPECT_GE(pruned["best"].size(), 10U) << space.name;
  for (const Json* summary : {&pruned, &whole}) {
    EXPECT_EQ((*summary)["layouts_total"].get<int>(), (*summary)["evaluated"].get<int>() +
                                                          (*summary)["pruned_by_memory"].get<int>() +
                                                          (*summary)["pruned_by_bound"].get<int>());
    EXPECT_EQ((*summary)["layouts_total"], whole["layouts_total"]);
  }
}

TEST_P(ServingSpaces, NoRunIsBetterThanItsBound) {
  SmallSpace space = GetParam()();
  space.search.threads = 2;
  const Json complete = write_spec(read_spec<ServingScenario>(space.scenario, kAnyFile));
  ServingCandidates source(complete, kAnyFile, space.search);
  std::vector<ServingCandidate> candidates = source.classify();
  in_parallel(candidates.size(), 2, [&](std::size_t i) {
    if (candidates[i].state == CandidateState::waiting) source.evaluate(candidates[i]);
  });
  for (const ServingCandidate& candidate : candidates) {
    if (!candidate.in_front) continue;
    const ServingRates& rates = candidate.figures.rates;
    EXPECT_LE(rates.tokens_per_s_per_gpu, candidate.reach.tokens_per_s_per_gpu) << candidate.point.index;
    EXPECT_LE(rates.tokens_per_s_per_user, candidate.reach.tokens_per_s_per_user) << candidate.point.index;
    EXPECT_GE(rates.cost_usd, candidate.reach.cost_usd) << candidate.point.index;
    EXPECT_GE(rates.energy_J, candidate.reach.energy_J) << candidate.point.index;
    if (!candidate.good) continue;
    EXPECT_LE(rates.tokens_per_s_per_gpu, candidate.bound.tokens_per_s_per_gpu) << candidate.point.index;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ServingSpaces,
                         testing::Values(&tests::wide_space, &tests::colocated_space, &tests::open_space));

TEST(ServingSearch, IsTheSameOnAnyNumberOfThreads) {
  SmallSpace space = tests::open_space();
  const std::string one = write_json(search(space));
  space.search.threads = 3;
  EXPECT_EQ(write_json(search(space)), one);
}

TEST(ServingSearch, FrontIsThatOfEveryPairCompared) {
  SmallSpace space = tests::open_space();
  space.search.limits = {read_serving_limit("ttft<=4s@p99", "")};
  const Json summary = search(space)["summary"];
  const Json& front = summary["pareto"];
  ASSERT_GE(front.size(), 3U);
  const auto point = [](const Json& entry) {
    return Tradeoff{entry["tokens_per_s_per_gpu"].get<double>(),
                    entry["tokens_per_s_per_user"].get<double>()};
  };
  for (const Json& entry : front) {
    for (const Json& other : front) EXPECT_FALSE(dominates(point(other), point(entry)));
    for (const Json& other : summary["best"]) EXPECT_FALSE(dominates(point(other["figures"]), point(entry)));
  }
}

std::string fault_of(const SmallSpace& space) {
  try {
    search(space);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(ServingSearch, SaysWhichConstraintEmptiedTheSpace) {
  SmallSpace space = tests::open_space();
  space.search.limits = {read_serving_limit("tpot<=1ms@p99", ""), read_serving_limit("ttft<=100s", "")};
  const std::string fault = fault_of(space);
  EXPECT_NE(fault.find("tpot<=1ms@p99 is missed by"), std::string::npos) << fault;
  EXPECT_NE(fault.find("the nearest misses tpot<=1ms@p99 by"), std::string::npos) << fault;
  EXPECT_EQ(fault.find("ttft<=100s is missed"), std::string::npos) << fault;
}

TEST(ServingSearch, GpusThatHoldNoUnit) {
  SmallSpace space = tests::wide_space();
  space.search.gpus = 40;
  const std::string fault = fault_of(space);
  EXPECT_NE(fault.find("no room for a unit of every pool"), std::string::npos) << fault;
  EXPECT_NE(fault.find("40 GPUs"), std::string::npos) << fault;
}

TEST(ServingSearch, RefusesHugeSpacesAndFleetsThatGenerateNothing) {
  SmallSpace space = tests::colocated_space();
  std::vector<Json> many;
  for (int i = 1; i <= 1000; ++i) many.emplace_back(i);
  space.search.axes.push_back({"/deployment/node/batching/token_budget", many});
  space.search.axes.push_back({"/seed", many});
  EXPECT_NE(fault_of(space).find("a space of 128000000 points"), std::string::npos) << fault_of(space);
  SmallSpace prompts{"prompts", tests::shipped("deepseek-v3-prefill-saturated"), {}};
  EXPECT_NE(fault_of(prompts).find("no pool generates tokens"), std::string::npos);
}

}  // namespace
}  // namespace moesim
