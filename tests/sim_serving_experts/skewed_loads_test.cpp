#include "sim/serving/experts/skewed_loads.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace moesim {
namespace {

/// DeepSeek-R1 with its popularity, no drift unless said.
std::shared_ptr<const ExpertLoads> loads(int ep, int redundant, bool eplb, double drift = 0) {
  ExpertLoadSpec spec;
  spec.affinity.drift = drift;
  spec.eplb.on = eplb;
  return make_skewed_loads({256, 8, ep, ep, 256 + redundant, 1}, 58, spec, 1);
}

// 4,096 rows a GPU on EP32 without EPLB: (max - mean) / mean is published as 1.564 by rank (TensorRT-LLM tech
// blog 4); as the mean over layers of one spread it is held to 15 %.
TEST(SkewedLoads, GiveThePublishedImbalanceByRank) {
  EXPECT_NEAR(loads(32, 0, false)->mean(4096).gpu_max_over_mean - 1, 1.564, 0.15 * 1.564);
}

TEST(SkewedLoads, ArePlannedForWithRedundantSlots) {
  const double fresh = loads(32, 32, true)->mean(4096).gpu_max_over_mean;
  const double stale = loads(32, 32, true, 0.0026)->mean(4096).gpu_max_over_mean;
  EXPECT_LT(fresh, 1.09);
  EXPECT_GT(stale, fresh);
  EXPECT_LT(stale, 1.2);
}

// Experts that 4 to 64 tokens reach at that spread, computed apart by the shares alone: 29, 52,
// 84, 131, 173.
TEST(SkewedLoads, TouchAsManyExpertsAsTheirSharesSay) {
  const auto one = loads(1, 0, true);
  for (const auto& [tokens, touched] : {std::pair{4, 29}, {8, 52}, {16, 84}, {32, 131}, {64, 173}})
    EXPECT_NEAR(one->mean(tokens).slots_touched, touched, 0.04 * touched) << tokens;
}

TEST(SkewedLoads, StatesOfOneDrawAreTheSameAndAverageToTheMean) {
  const auto one = loads(32, 32, true, 0.0026);
  EXPECT_EQ(one->state(100, 3, 5).gpu_max_over_mean, one->state(100, 3, 5).gpu_max_over_mean);
  double sum = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) sum += one->state(100, 0, static_cast<std::uint64_t>(i)).gpu_max_over_mean;
  EXPECT_NEAR(sum / kDraws, one->mean(100).gpu_max_over_mean, 0.01);
}

TEST(SkewedLoads, RefuseWhatIsNotTabulated) {
  ExpertLoadSpec spec;
  spec.affinity.popularity.law = PopularityLaw::zipf;
  EXPECT_THROW(make_skewed_loads({256, 8, 1, 1, 256, 1}, 58, spec, 1), SpecError);
}

}  // namespace
}  // namespace moesim
