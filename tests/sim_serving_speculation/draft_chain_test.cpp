#include "sim/serving/speculation/draft_chain.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace moesim {
namespace {

DraftChain chain(int drafts, std::vector<double> acceptance) {
  SpeculationSpec spec;
  spec.drafts = drafts;
  spec.acceptance = std::move(acceptance);
  return DraftChain(spec);
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

template <class Draw>
Moments moments_of(int draws, const Draw& draw) {
  double sum = 0;
  double square = 0;
  for (int i = 0; i < draws; ++i) {
    const auto value = static_cast<double>(draw(i));
    sum += value;
    square += value * value;
  }
  const double mean = sum / draws;
  return {mean, square / draws - mean * mean};
}

/// Iteration by iteration.
std::int64_t steps_one_by_one(const DraftChain& chain, std::int64_t tokens, int draw) {
  RandomStream stream(11, stream_of("one by one"), static_cast<std::uint64_t>(draw));
  std::int64_t steps = 0;
  for (std::int64_t done = 0; done < tokens; ++steps) done += chain.accepted(stream);
  return steps;
}

TEST(DraftChain, MeanIsTheSumOfProducts) {
  EXPECT_DOUBLE_EQ(chain(0, {}).tokens_per_step(), 1);
  EXPECT_DOUBLE_EQ(chain(1, {0.85}).tokens_per_step(), 1.85);
  EXPECT_DOUBLE_EQ(chain(3, {0.9, 0.8, 0.5}).tokens_per_step(), 1 + 0.9 + 0.72 + 0.36);
  // One value stands for all: (1 - p^(k+1)) / (1 - p).
  EXPECT_NEAR(chain(4, {0.7}).tokens_per_step(), (1 - std::pow(0.7, 5)) / 0.3, 1e-12);
  // Bernoulli: p (1 - p).
  EXPECT_NEAR(chain(1, {0.85}).tokens_variance(), 0.85 * 0.15, 1e-12);
}

TEST(DraftChain, PublishedAcceptedLengthsAreMet) {
  // TensorRT-LLM, DeepSeek-R1 latency blog: accepted lengths 1.92, 2.58, 2.82 of 1, 2, 3 drafts, so the
  // conditional acceptances are 0.92, 0.66/0.92, 0.24/0.66.
  const DraftChain drafts = chain(3, {0.92, 0.66 / 0.92, 0.24 / 0.66});
  EXPECT_NEAR(drafts.tokens_per_step(), 2.82, 1e-12);
}

TEST(DraftChain, AcceptedLengthsHaveTheirChances) {
  const DraftChain drafts = chain(2, {0.9, 0.5});
  std::array<int, 4> seen{};
  RandomStream stream(1, 2, 3);
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) ++seen.at(static_cast<std::size_t>(drafts.accepted(stream)));
  EXPECT_EQ(seen[0], 0);
  EXPECT_NEAR(seen[1], kDraws * 0.1, 5 * std::sqrt(kDraws * 0.1 * 0.9));
  EXPECT_NEAR(seen[2], kDraws * 0.45, 5 * std::sqrt(kDraws * 0.45 * 0.55));
  EXPECT_NEAR(seen[3], kDraws * 0.45, 5 * std::sqrt(kDraws * 0.45 * 0.55));
}

struct Case {
  int drafts;
  std::vector<double> acceptance;
  std::int64_t tokens;
};

class StepsFor : public testing::TestWithParam<Case> {};

TEST_P(StepsFor, AgreesWithIterationsOneByOne) {
  const DraftChain drafts = chain(GetParam().drafts, GetParam().acceptance);
  const std::int64_t tokens = GetParam().tokens;
  constexpr int kDraws = 6000;
  const Moments fast =
      moments_of(kDraws, [&](int i) { return drafts.steps_for(tokens, 5, static_cast<std::uint64_t>(i)); });
  const Moments slow = moments_of(kDraws, [&](int i) { return steps_one_by_one(drafts, tokens, i); });
  const double variance = std::max(fast.variance, slow.variance);
  EXPECT_NEAR(fast.mean, slow.mean, 5 * std::sqrt(2 * variance / kDraws) + 1e-9);
  // Standard error of a variance: about sqrt(2 / draws) of it, of a difference sqrt(2) more.
  EXPECT_NEAR(fast.variance, slow.variance, 5 * 2 * variance / std::sqrt(kDraws) + 1e-9);
  // Stationary overshoot: E steps = (n + E N(N-1) / (2 mu)) / mu, up to what falls off exponentially.
  const double mu = drafts.tokens_per_step();
  const double pairs = drafts.tokens_variance() + mu * mu - mu;
  if (tokens > 50 && drafts.tokens_variance() > 0.05) {
    EXPECT_NEAR(fast.mean, (static_cast<double>(tokens) + pairs / (2 * mu)) / mu,
                5 * std::sqrt(variance / kDraws) + 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Grid, StepsFor,
                         testing::Values(Case{1, {0.85}, 1}, Case{1, {0.85}, 2}, Case{1, {0.85}, 100},
                                         Case{1, {0.85}, 128}, Case{1, {0.85}, 129}, Case{1, {0.85}, 1211},
                                         Case{3, {0.9, 0.7, 0.4}, 300}, Case{3, {0.9, 0.7, 0.4}, 8000},
                                         Case{5, {0.8}, 3000}, Case{1, {0.999}, 500}, Case{1, {0.01}, 1000},
                                         Case{2, {0.5, 0}, 700}, Case{2, {1}, 1001}, Case{2, {0}, 300}));

TEST(StepsFor, IsCertainWithoutDoubt) {
  for (const std::int64_t tokens : {0, 1, 2, 3, 128, 129, 1000, 1001}) {
    EXPECT_EQ(chain(0, {}).steps_for(tokens, 1, 2), tokens);
    EXPECT_EQ(chain(2, {0}).steps_for(tokens, 1, 2), tokens);
    EXPECT_EQ(chain(2, {1}).steps_for(tokens, 1, 2), (tokens + 2) / 3);
  }
}

TEST(StepsFor, StaysWithinWhatIsPossibleAndRepeats) {
  const DraftChain drafts = chain(3, {0.9, 0.7, 0.4});
  const DraftChain copy = drafts;
  for (std::uint64_t draw = 0; draw < 2000; ++draw) {
    const auto tokens = static_cast<std::int64_t>(1 + draw * 7 % 1500);
    const std::int64_t steps = drafts.steps_for(tokens, 9, draw);
    EXPECT_GE(steps, (tokens + 3) / 4);
    EXPECT_LE(steps, tokens);
    EXPECT_EQ(steps, copy.steps_for(tokens, 9, draw));
  }
}

TEST(DraftChain, RefusesWhatIsNoChain) {
  EXPECT_THROW(chain(-1, {}), std::invalid_argument);
  EXPECT_THROW(chain(2, {}), std::invalid_argument);
  EXPECT_THROW(chain(3, {0.5, 0.5}), std::invalid_argument);
  EXPECT_THROW(chain(1, {1.01}), std::invalid_argument);
  EXPECT_THROW(chain(1, {-0.1}), std::invalid_argument);
  EXPECT_THROW(chain(1, {std::numeric_limits<double>::quiet_NaN()}), std::invalid_argument);
  EXPECT_THROW((void)chain(1, {0.5}).steps_for(-1, 1, 1), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
