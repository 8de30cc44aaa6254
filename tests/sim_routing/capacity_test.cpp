#include "sim/routing/capacity.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "base/random.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

/// Choices with their weights, as a gate leaves them.
struct Routed {
  int num_experts = 1, num_devices = 1, top_k = 1;
  std::vector<std::uint16_t> experts;
  std::vector<float> weights;
  std::vector<std::uint8_t> is_protected;

  CapacityInput input() const { return {num_experts, num_devices, top_k, experts, weights, is_protected}; }
  CapacityResult apply(const CapacitySpec& spec) const {
    CapacityResult result;
    apply_capacity(spec, input(), result);
    return result;
  }
};

CapacitySpec spec_with(CapacityRule rule, double factor, std::optional<DropOrder> drop = std::nullopt) {
  CapacitySpec spec;
  spec.rule = rule;
  spec.factor = factor;
  spec.drop = drop;
  return spec;
}

/// Skewed random choices: expert = E u^2, distinct within a token, weights in falling order.
Routed random_tokens(int num_experts, int num_devices, int top_k, int num_tokens, std::uint64_t seed) {
  Routed routed{num_experts, num_devices, top_k, {}, {}, {}};
  for (int t = 0; t < num_tokens; ++t) {
    RandomStream random(seed, stream_of("capacity_test"), static_cast<std::uint64_t>(t));
    std::vector<std::uint16_t> chosen;
    while (chosen.size() < static_cast<std::size_t>(top_k)) {
      const double u = random.uniform();
      const auto expert = static_cast<std::uint16_t>(num_experts * u * u);
      if (std::find(chosen.begin(), chosen.end(), expert) == chosen.end()) chosen.push_back(expert);
    }
    std::vector<float> weights;
    for (int k = 0; k < top_k; ++k)
      weights.push_back(static_cast<float>(std::floor(random.uniform() * 64) / 64));
    std::sort(weights.begin(), weights.end(), std::greater<>());
    routed.experts.insert(routed.experts.end(), chosen.begin(), chosen.end());
    routed.weights.insert(routed.weights.end(), weights.begin(), weights.end());
    routed.is_protected.push_back(t % 10 == 3);
  }
  return routed;
}

/// 8 experts, top-2, 10 tokens, factor 1.25: T K / E x CF = 20 / 8 x 1.25 = 3.125, Megatron's 4; GShard's
/// 2 T / E x CF the same number rounded down, 3. Switch, top-1: 10 / 8 x 1.25 = 1.56, 1. Device budget on 4
/// devices: 20 / 4 x 1.25 = 6.25, 6.
TEST(CapacityOf, EachRuleByHand) {
  Routed routed{8, 4, 2, std::vector<std::uint16_t>(20, 0), {}, {}};
  EXPECT_EQ(capacity_of(spec_with(CapacityRule::expert, 1.25), routed.input()), 4);
  EXPECT_EQ(capacity_of(spec_with(CapacityRule::gshard_top2, 1.25), routed.input()), 3);
  EXPECT_EQ(capacity_of(spec_with(CapacityRule::device_budget, 1.25), routed.input()), 6);
  routed.top_k = 1;
  routed.experts.resize(10);
  EXPECT_EQ(capacity_of(spec_with(CapacityRule::switch_top1, 1.25), routed.input()), 1);
}

/// 4 tokens, 2 experts, top-1, capacity 4 / 2 = 2; three choose expert 0: the last of them goes by position,
/// the lightest by probability.
TEST(Capacity, DropsByPositionOrProbability) {
  const Routed routed{2, 1, 1, {0, 0, 1, 0}, {0.5F, 0.2F, 0.9F, 0.7F}, {}};
  using Flags = std::vector<std::uint8_t>;
  EXPECT_EQ(routed.apply(spec_with(CapacityRule::expert, 1)).kept, (Flags{1, 1, 1, 0}));
  const CapacityResult result = routed.apply(spec_with(CapacityRule::expert, 1, DropOrder::probability));
  EXPECT_EQ(result.kept, (Flags{1, 0, 1, 1}));
  EXPECT_EQ(result.capacity, 2);
  EXPECT_EQ(result.chosen, 4);
  EXPECT_EQ(result.dropped, 1);
  EXPECT_EQ(result.dropped_fraction(), 0.25);
  EXPECT_EQ(result.rows, (std::vector<std::uint32_t>{2, 1}));
  EXPECT_EQ(result.computed_rows, result.rows);
}

TEST(Capacity, EqualWeightsGoByPosition) {
  const Routed routed{2, 1, 1, {0, 0, 0, 0}, {0.5F, 0.5F, 0.5F, 0.5F}, {}};
  EXPECT_EQ(routed.apply(spec_with(CapacityRule::expert, 1, DropOrder::probability)).kept,
            (std::vector<std::uint8_t>{1, 1, 0, 0}));
}

/// GShard: 2 tokens, 2 experts, capacity 2 x 2 / 2 x 0.5 = 1. Token 0 chooses 0 then 1, token 1 chooses 1
/// then 0: both first choices are served, though token 0's second came before token 1's first.
TEST(Capacity, GShardServesFirstChoicesFirst) {
  const Routed routed{2, 1, 2, {0, 1, 1, 0}, {}, {}};
  EXPECT_EQ(routed.apply(spec_with(CapacityRule::gshard_top2, 0.5)).kept,
            (std::vector<std::uint8_t>{1, 0, 1, 0}));
  EXPECT_EQ(routed.apply(spec_with(CapacityRule::expert, 0.5)).kept, (std::vector<std::uint8_t>{1, 1, 0, 0}));
}

TEST(Capacity, UnusedChoicesAreNeitherKeptNorDropped) {
  const Routed routed{2, 1, 2, {0, kNoExpert, 0, 1}, {}, {}};
  const CapacityResult result = routed.apply(spec_with(CapacityRule::gshard_top2, 0.5));
  EXPECT_EQ(result.kept, (std::vector<std::uint8_t>{1, 0, 0, 1}));
  EXPECT_EQ(result.chosen, 3);
  EXPECT_EQ(result.dropped, 1);
}

/// 3 tokens on 4 experts, 2 devices, top-2: budget 3 x 2 / 2 = 3 rows. Device 0 (experts 0, 1) has 5 choices
/// with weights 0.9 0.8 0.6 0.3 0.5: 0.3 and 0.5 go, whatever expert they are of.
TEST(Capacity, DeviceBudgetDropsTheLowestAffinitiesOfADevice) {
  Routed routed{4, 2, 2, {0, 1, 0, 1, 0, 3}, {0.9F, 0.8F, 0.6F, 0.3F, 0.5F, 0.1F}, {}};
  const CapacitySpec spec = spec_with(CapacityRule::device_budget, 1);
  EXPECT_EQ(routed.apply(spec).kept, (std::vector<std::uint8_t>{1, 1, 1, 0, 0, 1}));
  EXPECT_EQ(routed.apply(spec).rows, (std::vector<std::uint32_t>{2, 1, 0, 1}));
  routed.is_protected = {0, 1, 0};  // 0.6 and 0.3 stay, so 0.5 and 0.8 go
  EXPECT_EQ(routed.apply(spec).kept, (std::vector<std::uint8_t>{1, 0, 1, 1, 0, 1}));
}

TEST(Capacity, ProtectedTokensMayExceedIt) {
  const Routed routed{2, 2, 1, {0, 0, 0, 0}, {0.4F, 0.3F, 0.2F, 0.1F}, {1, 0, 1, 1}};
  EXPECT_EQ(routed.apply(spec_with(CapacityRule::device_budget, 1)).kept,
            (std::vector<std::uint8_t>{1, 0, 1, 1}));
}

TEST(Capacity, NothingIsDroppedAtEvaluation) {
  const Routed routed = random_tokens(16, 4, 4, 200, 1);
  CapacitySpec spec = spec_with(CapacityRule::device_budget, 0.5);
  EXPECT_GT(routed.apply(spec).dropped, 0);
  spec.evaluation = true;
  EXPECT_EQ(routed.apply(spec).dropped, 0);
}

TEST(Capacity, PaddedExpertsComputeTheirCapacity) {
  const Routed routed{2, 1, 1, {0, 0, 1, 0}, {}, {}};
  CapacitySpec spec = spec_with(CapacityRule::expert, 1);
  spec.padded = true;
  EXPECT_EQ(routed.apply(spec).rows, (std::vector<std::uint32_t>{2, 1}));
  EXPECT_EQ(routed.apply(spec).computed_rows, (std::vector<std::uint32_t>{2, 2}));
}

struct GridCase {
  CapacityRule rule;
  std::optional<DropOrder> drop;
  int num_experts, num_devices, top_k;
};

class CapacityGrid : public testing::TestWithParam<GridCase> {
 protected:
  Routed tokens(std::uint64_t seed) const {
    Routed routed =
        random_tokens(GetParam().num_experts, GetParam().num_devices, GetParam().top_k, 500, seed);
    routed.is_protected.clear();
    return routed;
  }
  CapacityResult apply(const Routed& routed, double factor) const {
    return routed.apply(spec_with(GetParam().rule, factor, GetParam().drop));
  }
};

TEST_P(CapacityGrid, IsNeverExceededAndChoicesAreConserved) {
  const auto width = static_cast<std::size_t>(GetParam().num_experts / GetParam().num_devices);
  for (const double factor : {0.3, 1.0, 1.7}) {
    const Routed routed = tokens(3);
    const CapacityResult result = apply(routed, factor);
    const auto kept = std::count(result.kept.begin(), result.kept.end(), 1);
    EXPECT_EQ(kept + result.dropped, result.chosen);
    EXPECT_EQ(std::accumulate(result.rows.begin(), result.rows.end(), std::int64_t{0}), kept);
    for (std::size_t e = 0; e < result.rows.size(); ++e) {
      const std::size_t first = e / width * width;
      const bool device = GetParam().rule == CapacityRule::device_budget;
      const auto begin = result.rows.begin() + static_cast<std::ptrdiff_t>(device ? first : e);
      EXPECT_LE(
          std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(device ? width : 1), std::int64_t{0}),
          result.capacity);
    }
  }
}

TEST_P(CapacityGrid, AHigherFactorKeepsAllThatALowerOneKeeps) {
  const Routed routed = tokens(4);
  CapacityResult before = apply(routed, 0.1);
  for (double factor = 0.2; factor < 5; factor += 0.1) {
    const CapacityResult after = apply(routed, factor);
    EXPECT_LE(after.dropped, before.dropped);
    for (std::size_t i = 0; i < after.kept.size(); ++i) ASSERT_GE(after.kept[i], before.kept[i]);
    before = after;
  }
  EXPECT_EQ(before.dropped, 0);
}

/// No dropped choice weighs more than a kept one of the same expert (device), and a full one is full.
TEST_P(CapacityGrid, ByProbabilityTheSmallestGo) {
  const CapacitySpec spec = spec_with(GetParam().rule, 1, GetParam().drop);
  if (spec.drop_order() != DropOrder::probability) return;
  const Routed routed = tokens(5);
  const CapacityResult result = routed.apply(spec);
  const int width =
      GetParam().rule == CapacityRule::device_budget ? GetParam().num_experts / GetParam().num_devices : 1;
  const auto buckets = static_cast<std::size_t>(GetParam().num_experts / width);
  std::vector<float> lightest_kept(buckets, 2), heaviest_dropped(buckets, -1);
  for (std::size_t i = 0; i < routed.experts.size(); ++i) {
    const auto b = static_cast<std::size_t>(routed.experts[i] / width);
    if (result.kept[i])
      lightest_kept[b] = std::min(lightest_kept[b], routed.weights[i]);
    else
      heaviest_dropped[b] = std::max(heaviest_dropped[b], routed.weights[i]);
  }
  EXPECT_GT(result.dropped, 0);
  for (std::size_t b = 0; b < buckets; ++b) EXPECT_GE(lightest_kept[b], heaviest_dropped[b]);
}

TEST_P(CapacityGrid, ProtectedTokensAreNeverDropped) {
  const Routed routed =
      random_tokens(GetParam().num_experts, GetParam().num_devices, GetParam().top_k, 500, 6);
  const CapacityResult result = apply(routed, 0.2);
  const auto top_k = static_cast<std::size_t>(GetParam().top_k);
  EXPECT_GT(result.dropped, 0);
  for (std::size_t i = 0; i < result.kept.size(); ++i) {
    if (routed.is_protected[i / top_k] != 0) {
      EXPECT_EQ(result.kept[i], 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, CapacityGrid,
                         testing::Values(GridCase{CapacityRule::expert, {}, 16, 4, 4},
                                         GridCase{CapacityRule::expert, DropOrder::probability, 16, 4, 4},
                                         GridCase{CapacityRule::switch_top1, {}, 8, 1, 1},
                                         GridCase{CapacityRule::switch_top1, DropOrder::probability, 8, 1, 1},
                                         GridCase{CapacityRule::gshard_top2, {}, 8, 2, 2},
                                         GridCase{CapacityRule::gshard_top2, DropOrder::probability, 8, 2, 2},
                                         GridCase{CapacityRule::device_budget, {}, 160, 8, 6}));

TEST(ProtectedTokens, AreWholeSequencesWhateverTheBatch) {
  const std::vector<std::uint8_t> all = protected_tokens(1, 0, 4096 * 16, 16, 0.1);
  const auto count = std::count(all.begin(), all.end(), 1);
  EXPECT_NEAR(static_cast<double>(count) / (4096 * 16), 0.1, 3 * std::sqrt(0.09 / 4096));
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], all[i / 16 * 16]);
  const std::vector<std::uint8_t> part = protected_tokens(1, 1000, 999, 16, 0.1);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + 1000));
  EXPECT_NE(protected_tokens(2, 0, 4096 * 16, 16, 0.1), all);
}

TEST(Capacity, RefusesWhatDoesNotAgree) {
  const CapacitySpec by_weight = spec_with(CapacityRule::expert, 1, DropOrder::probability);
  const auto refused = [](const CapacitySpec& spec, const Routed& routed) {
    EXPECT_THROW(routed.apply(spec), std::invalid_argument);
  };
  refused(spec_with(CapacityRule::expert, 1), {2, 1, 1, {2}, {}, {}});
  refused(spec_with(CapacityRule::expert, 1), {2, 1, 2, {0}, {}, {}});
  refused(spec_with(CapacityRule::switch_top1, 1), {2, 1, 2, {0, 1}, {}, {}});
  refused(spec_with(CapacityRule::gshard_top2, 1), {2, 1, 1, {0}, {}, {}});
  refused(spec_with(CapacityRule::device_budget, 1), {4, 3, 1, {0}, {1}, {}});
  refused(by_weight, {2, 1, 1, {0}, {}, {}});
  refused(by_weight, {2, 1, 1, {0}, {std::numeric_limits<float>::quiet_NaN()}, {}});
  refused(by_weight, {2, 1, 1, {0}, {1}, {0, 1}});
}

TEST(CapacitySpec, IsRead) {
  const auto read = [](const std::string& text) {
    return read_spec<CapacitySpec>(parse_json(text, "capacity.json"), "capacity.json");
  };
  EXPECT_EQ(read(R"({"rule": "expert"})").drop_order(), DropOrder::position);
  EXPECT_EQ(read(R"({"rule": "device_budget", "protected_fraction": 0.1})").drop_order(),
            DropOrder::probability);
  for (const char* text :
       {R"({"rule": "expert", "factor": 0})", R"({"rule": "none"})", R"({"factor": 1})",
        R"({"rule": "device_budget", "drop": "position"})", R"({"rule": "device_budget", "padded": true})",
        R"({"rule": "expert", "padded": true, "evaluation": true})",
        R"({"rule": "expert", "padded": true, "protected_fraction": 0.1})",
        R"({"rule": "expert", "protected_fraction": 1.5})"}) {
    EXPECT_THROW(read(text), SpecError) << text;
  }
}

}  // namespace
}  // namespace moesim
