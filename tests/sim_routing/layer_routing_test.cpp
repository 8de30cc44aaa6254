#include "sim/routing/layer_routing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/sim_routing/functional_layer.hpp"

namespace moesim {
namespace {

using test::FunctionalLayer;

/// A layer of 8 experts, top-2, without popularity.
struct SmallLayer {
  LayerRoutingSpec spec;
  GateSpec gate;
  AffinitySpec affinity;

  SmallLayer() {
    gate.num_experts = 8;
    gate.top_k = 2;
    spec.loss_shape = {8, 2, 4, 2};
    spec.tokens = 3000;
    spec.tokens_per_sequence = 700;
  }
  [[nodiscard]] LayerRouting make() const {
    return {spec, std::make_shared<const Gate>(gate),
            LayerAffinities(affinity, gate.num_experts, 1, spec.layer,
                            std::make_shared<const NoisePool>(gate.num_experts, 1))};
  }
};

std::int64_t sum(std::span<const std::uint32_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

TEST(LayerRouting, EveryTokenChoosesItsExperts) {
  SmallLayer small;
  LayerRouting layer = small.make();
  RoutingScratch scratch;
  const LayerStep& step = layer.run_step(0, scratch);
  EXPECT_EQ(sum(step.chosen), 3000 * 2);
  EXPECT_EQ(step.num_chosen, 6000);
  EXPECT_EQ(step.kept, step.chosen);
  EXPECT_TRUE(layer.choices().empty());
}

TEST(LayerRouting, ChoicesAreThoseThatWereCounted) {
  LayerRouting layer = SmallLayer().make();
  RoutingScratch scratch;
  layer.begin_step(0, true);
  for (std::size_t chunk = 0; chunk < layer.num_chunks(); ++chunk) layer.route_chunk(chunk, scratch);
  const LayerStep& step = layer.end_step();
  std::vector<std::uint32_t> counts(8, 0);
  ASSERT_EQ(layer.choices().size(), 6000u);
  for (const std::uint16_t expert : layer.choices()) ++counts.at(expert);
  EXPECT_EQ(counts, step.chosen);
}

// Chunks in another order, and with other scratches, give the same bits.
TEST(LayerRouting, TheOrderOfChunksDoesNotMatter) {
  FunctionalLayer functional;
  functional.losses.expert = 1e-3;
  functional.losses.sequence = 1e-3;
  functional.bias = test::speed(1e-3);
  LayerRouting forward = functional.make();
  LayerRouting backward = functional.make();
  ASSERT_GT(forward.num_chunks(), 2u);
  RoutingScratch scratch;
  for (std::int64_t step = 0; step < 3; ++step) {
    const LayerStep& expected = forward.run_step(step, scratch);
    backward.begin_step(step);
    for (std::size_t chunk = backward.num_chunks(); chunk-- > 0;) {
      RoutingScratch own;
      backward.route_chunk(chunk, own);
    }
    const LayerStep& found = backward.end_step();
    EXPECT_EQ(found.chosen, expected.chosen);
    EXPECT_EQ(found.losses.total(), expected.losses.total());
  }
  EXPECT_TRUE(std::ranges::equal(forward.offsets(), backward.offsets()));
  EXPECT_TRUE(std::ranges::equal(forward.bias(), backward.bias()));
}

// At most floor(2 x 3000 / 8 x 1) choices an expert are kept, and what is kept and dropped is what was
// chosen.
TEST(LayerRouting, CapacityDropsWhatExceedsIt) {
  SmallLayer small;
  small.affinity = FunctionalLayer::fixed_popularity(0.5);
  small.spec.capacity = CapacitySpec{};
  small.spec.capacity->rule = CapacityRule::gshard_top2;
  LayerRouting layer = small.make();
  RoutingScratch scratch;
  const LayerStep& step = layer.run_step(0, scratch);
  EXPECT_GT(step.num_dropped, 100);
  EXPECT_EQ(sum(step.kept) + step.num_dropped, step.num_chosen);
  EXPECT_EQ(*std::ranges::max_element(step.kept), 750u);
  EXPECT_EQ(std::ranges::count(layer.choices(), kNoExpert), step.num_dropped);
}

// 10 % of the sequences are protected: less is dropped, and other sequences each step.
TEST(LayerRouting, ProtectedSequencesLoseNothing) {
  SmallLayer small;
  small.affinity = FunctionalLayer::fixed_popularity(0.5);
  small.spec.tokens_per_sequence = 30;
  small.spec.capacity = CapacitySpec{};
  small.spec.capacity->rule = CapacityRule::device_budget;
  LayerRouting none = small.make();
  small.spec.capacity->protected_fraction = 1;
  LayerRouting all = small.make();
  RoutingScratch scratch;
  EXPECT_GT(none.run_step(0, scratch).num_dropped, 0);
  EXPECT_EQ(all.run_step(0, scratch).num_dropped, 0);
}

// GShard's second expert is used with probability min(1, 2 g2): fewer than two choices a token, more than
// one.
TEST(LayerRouting, RandomSecondExpertsAreDrawnAnewEachStep) {
  SmallLayer small;
  small.gate.random_second = true;
  LayerRouting layer = small.make();
  RoutingScratch scratch;
  const std::int64_t first = layer.run_step(0, scratch).num_chosen;
  const std::int64_t second = layer.run_step(1, scratch).num_chosen;
  EXPECT_GT(first, 3000);
  EXPECT_LT(first, 6000);
  EXPECT_NE(first, second);
}

// The expert loss pulls the popular experts' offsets down; without it nothing moves.
TEST(LayerRouting, LossesBalance) {
  FunctionalLayer functional;
  functional.scoring = Scoring::softmax;
  functional.tokens = 4096;
  const double free = test::violations(functional, 60).back();
  functional.losses.expert = 1e-2;
  LayerRouting layer = functional.make();
  const std::vector<double> pulled = test::violations(layer, 60);
  EXPECT_LT(pulled.back(), 0.6 * free);
  RoutingScratch scratch;
  EXPECT_GT(layer.run_step(60, scratch).losses.expert, 1e-2);  // 1e-2 exactly at balance
}

TEST(LayerRouting, RefusesPartsThatDoNotAgree) {
  SmallLayer small;
  small.spec.loss_shape.num_experts = 9;
  EXPECT_THROW(small.make(), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
