#include "sim/routing/solve_offsets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/math.hpp"

namespace moesim {
namespace {

GateSpec gate_spec(int num_experts, int top_k) {
  GateSpec spec;
  spec.num_experts = num_experts;
  spec.top_k = top_k;
  spec.scoring = Scoring::sigmoid;
  return spec;
}

LayerAffinities affinities_of(const AffinitySpec& spec, int num_experts) {
  return {spec, num_experts, 3, 0, std::make_shared<const NoisePool>(num_experts, 3)};
}

/// The solution for the shares that `spec` states.
OffsetSolution solved(const AffinitySpec& spec, const GateSpec& gate) {
  const LayerAffinities affinities = affinities_of(spec, gate.num_experts);
  return solve_offsets(affinities, Gate(gate), affinities.target_shares(), 4096, 1);
}

AffinitySpec with_law(PopularityLaw law, double sigma, double exponent = 1) {
  AffinitySpec spec;
  spec.popularity.law = law;
  spec.popularity.sigma = sigma;
  spec.popularity.exponent = exponent;
  return spec;
}

void expect_reached(const OffsetSolution& solution) {
  EXPECT_EQ(solution.num_capped, 0);
  EXPECT_LT(solution.unreached, 1.5 * solution.noise);
  EXPECT_NEAR(std::accumulate(solution.offsets.begin(), solution.offsets.end(), 0.0), 0, 1e-9);
}

// The most popular expert, seen by thousands of tokens of the check, is within a few per cent.
TEST(SolveOffsets, ReachesALognormalPopularity) {
  const OffsetSolution solution = solved(with_law(PopularityLaw::lognormal, 0.986), gate_spec(64, 2));
  expect_reached(solution);
  const auto top = std::ranges::max_element(solution.targets) - solution.targets.begin();
  EXPECT_NEAR(
      solution.reached[static_cast<std::size_t>(top)] / solution.targets[static_cast<std::size_t>(top)], 1,
      0.05);
}

TEST(SolveOffsets, ReachesZipfThroughAGroupLimitedGate) {
  GateSpec gate = gate_spec(64, 4);
  gate.num_groups = 8;
  gate.topk_groups = 4;
  gate.group_score = GroupScore::sum_of_two_best;
  gate.has_bias = true;
  expect_reached(solved(with_law(PopularityLaw::zipf, 0, 0.6), gate));
}

TEST(SolveOffsets, ReachesAPowerLaw) {
  expect_reached(solved(with_law(PopularityLaw::power_law, 0, 1.2), gate_spec(64, 2)));
}

TEST(SolveOffsets, GivesTheSameBitsAgain) {
  const AffinitySpec spec = with_law(PopularityLaw::lognormal, 0.5);
  EXPECT_EQ(solved(spec, gate_spec(16, 2)).offsets, solved(spec, gate_spec(16, 2)).offsets);
}

// Zipf of exponent 2 over 16 experts gives the first 0.63 of the choices, and 0.49 is all that it can get
// where each token makes two: the other 0.51 are spread in proportion.
TEST(SolveOffsets, CapsWhatNoGateCanGive) {
  const OffsetSolution solution = solved(with_law(PopularityLaw::zipf, 0, 2), gate_spec(16, 2));
  EXPECT_EQ(solution.num_capped, 1);
  EXPECT_NEAR(*std::ranges::max_element(solution.targets), 0.49, 1e-12);
  EXPECT_NEAR(sum_fixed_order(solution.targets), 1, 1e-12);
  EXPECT_LT(solution.unreached, 0.02);
}

// 0.6 is cut to 0.4; 0.2 to spread over 0.4 makes 0.3 of 0.2 and 0.15 of 0.1.
TEST(SolveOffsets, SpreadsTheExcessInProportion) {
  const std::vector<double> capped = capped_shares(std::vector<double>{0.6, 0.2, 0.1, 0.1}, 0.4);
  EXPECT_NEAR(capped[0], 0.4, 1e-12);
  EXPECT_NEAR(capped[1], 0.3, 1e-12);
  EXPECT_NEAR(capped[2], 0.15, 1e-12);
  EXPECT_THROW(capped_shares(std::vector<double>{0.5, 0.5}, 0.4), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
