#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/load/expert_load.hpp"
#include "sim/routing/eplb.hpp"

// DeepSeek-R1 on 32 GB200, EP32, 128 tokens an expert (TensorRT-LLM tech blog 4): (max - mean) / mean 10.948
// by expert and 1.564 by rank; with 288 slots and EPLB 1.792 by slot and 0.109 by rank.
namespace moesim {
namespace {

using Loads = std::vector<double>;

constexpr int kExperts = 256;
constexpr double kMeanTokens = 128;
constexpr double kSigma = 0.986;  ///< exp(sigma^2) - 1 = (164.1 / 128)^2 - 1/128, of the published deviation

double excess(const Loads& load) {
  return max_over_mean(load) - 1;
}

/// Poisson: exponential waits until `mean` is over.
double poisson(RandomStream& random, double mean) {
  double count = 0;
  for (double waited = -std::log(random.uniform_open()); waited < mean; ++count) {
    waited -= std::log(random.uniform_open());
  }
  return count;
}

/// Expected tokens of each expert from standard normals.
Loads expected_tokens(const Loads& normals) {
  Loads tokens;
  double sum = 0;
  for (const double z : normals) sum += tokens.emplace_back(exp_det(kSigma * z));
  for (double& t : tokens) t *= kMeanTokens * kExperts / sum;
  return tokens;
}

Loads normals(RandomStream& random) {
  Loads values(kExperts);
  for (double& z : values) z = random.normal();
  return values;
}

Loads drawn(RandomStream& random, Loads expected, double steps = 1) {
  for (double& tokens : expected) tokens = poisson(random, tokens * steps);
  return expected;
}

struct Skew {
  double expert, rank, slot_after, rank_after;
};

/// What a plan is made from: loads whose logarithms correlate with the present ones, counted over `steps`
/// steps, or known without noise (0); same_step: the very counts that it is to carry.
struct Staleness {
  bool same_step = false;
  double correlation = 1;
  double steps = 0;
  int num_gpus = 32;  ///< of the plan
};

Skew skew(std::uint64_t seed, const Staleness& stale) {
  RandomStream random(seed, stream_of("serving_skew"));
  const Loads now = normals(random);
  const Loads load = drawn(random, expected_tokens(now));
  Loads seen = load;
  if (!stale.same_step) {
    Loads before = normals(random);
    const double rest = std::sqrt(1 - stale.correlation * stale.correlation);
    for (std::size_t e = 0; e < before.size(); ++e) before[e] = stale.correlation * now[e] + rest * before[e];
    seen = expected_tokens(before);
    if (stale.steps > 0) seen = drawn(random, seen, stale.steps);
  }
  const ExpertPlacement before = contiguous_placement({kExperts, kExperts, 32, 32});
  const ExpertPlacement after = eplb_placement(seen, {288, 8, 1, stale.num_gpus});
  return {excess(load), excess(gpu_load(before, load)), excess(slot_load(after, load)),
          excess(gpu_load(after, load))};
}

struct Figure {
  double mean, deviation;  ///< over layers
};

struct Figures {
  Figure expert, rank, slot_after, rank_after;
};

Figures figures(int num_layers, const Staleness& stale) {
  std::vector<Skew> layers;
  for (int i = 0; i < num_layers; ++i) layers.push_back(skew(static_cast<std::uint64_t>(i), stale));
  const auto figure = [&](double Skew::*member) {
    Loads values, squares;
    for (const Skew& layer : layers) values.push_back(layer.*member);
    const double average = mean(values);
    for (const double value : values) squares.push_back((value - average) * (value - average));
    return Figure{average, std::sqrt(mean(squares))};
  };
  return {figure(&Skew::expert), figure(&Skew::rank), figure(&Skew::slot_after), figure(&Skew::rank_after)};
}

// The spread is taken from the published deviation of expert loads alone; placement is without noise of
// counts, the load has its own. Means over 400 layers: 9.95, 1.354 and 1.672; rank is the nearest to its
// bound, with a standard error of 0.028.
TEST(ServingSkew, OneSpreadGivesThreeFigures) {
  const Figures skew = figures(400, {});
  EXPECT_NEAR(skew.expert.mean, 10.948, 0.15 * 10.948);
  EXPECT_NEAR(skew.rank.mean, 1.564, 0.15 * 1.564);
  EXPECT_NEAR(skew.slot_after.mean, 1.792, 0.15 * 1.792);
  // Layers differ by more than that; the blog's own range from 0.46 to 2.46 by rank.
  EXPECT_NEAR(skew.expert.mean, 10.948, skew.expert.deviation);
  EXPECT_NEAR(skew.rank.mean, 1.564, skew.rank.deviation);
}

// A plan from the very load that it is to carry leaves nearly nothing, one from the popularity what Poisson
// noise leaves, far below 0.109; the last step's counts bring their own noise.
TEST(ServingSkew, KnowingThePopularityLeavesTooLittle) {
  const double same = figures(100, {.same_step = true}).rank_after.mean;
  const double popularity = figures(100, {}).rank_after.mean;
  const double last_ten = figures(100, {.steps = 10}).rank_after.mean;
  const double last_one = figures(100, {.steps = 1}).rank_after.mean;
  EXPECT_LT(same, 0.01);
  EXPECT_NEAR(popularity, 0.058, 0.006);
  EXPECT_GT(last_ten, popularity);
  EXPECT_GT(last_one, last_ten);
  EXPECT_LT(last_one, 0.85 * 0.109);
}

// The staleness that is stated: log loads correlate by 0.995 between plan and use, so that an expert's load
// has changed by 0.986 sqrt(2 x 0.005) = 10 %, one standard deviation. The other figures stay within their
// bounds.
TEST(ServingSkew, AStatedStalenessGivesTheFourth) {
  const Figures skew = figures(400, {.correlation = 0.995});
  EXPECT_NEAR(skew.rank_after.mean, 0.109, 0.15 * 0.109);
  EXPECT_NEAR(skew.slot_after.mean, 1.792, 0.15 * 1.792);
  // Taken from EP32, the staleness holds on EP36 too.
  const Figures ep36 = figures(400, {.correlation = 0.995, .num_gpus = 36});
  EXPECT_NEAR(ep36.rank_after.mean, 0.115, 0.15 * 0.115);
  EXPECT_NEAR(ep36.slot_after.mean, 1.791, 0.15 * 1.791);
  double before = 0;
  for (const double correlation : {1.0, 0.999, 0.998, 0.995, 0.99, 0.95}) {
    const double after = figures(100, {.correlation = correlation}).rank_after.mean;
    EXPECT_GT(after, before) << correlation;
    before = after;
  }
}

}  // namespace
}  // namespace moesim
