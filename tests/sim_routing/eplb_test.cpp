#include "sim/routing/eplb.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include "base/random.hpp"

namespace moesim {
namespace {

using Slots = std::vector<int>;
using Loads = std::vector<double>;

// The two layers of the example in the readme of deepseek-ai/EPLB, and the load per GPU that follows.
const Loads kLayer0{90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86};
const Loads kLayer1{20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27};
constexpr EplbSpec kReadme{16, 4, 2, 8};

TEST(Eplb, PublishedLayer0) {
  const ExpertPlacement placement = eplb_placement(kLayer0, kReadme);
  EXPECT_EQ(placement.slot_expert, (Slots{5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1}));
  EXPECT_EQ(gpu_load(placement, kLayer0), (Loads{121.5, 86.5, 125, 113, 147.5, 131.5, 156, 152}));
  EXPECT_EQ(placement.gpus_per_node, 4);
}

TEST(Eplb, PublishedLayer1) {
  const ExpertPlacement placement = eplb_placement(kLayer1, kReadme);
  EXPECT_EQ(placement.slot_expert, (Slots{7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1}));
  EXPECT_EQ(gpu_load(placement, kLayer1), (Loads{173, 179.5, 120.5, 172, 123, 152, 118.5, 117.5}));
}

struct Case {
  int num_experts;
  EplbSpec spec;
  double sigma;  ///< of the lognormal-like loads; 0: all equal
};

class EplbProperties : public testing::TestWithParam<Case> {
 protected:
  static Loads loads() {
    Loads weight;
    for (int e = 0; e < GetParam().num_experts; ++e) {
      const double z = normal_at(7, stream_of("eplb_test"), static_cast<std::uint64_t>(e));
      weight.push_back(1000 * (1 + GetParam().sigma * z * z));
    }
    return weight;
  }
};

TEST_P(EplbProperties, EveryExpertHasASlotAndGpusAreFull) {
  const ExpertPlacement placement = eplb_placement(loads(), GetParam().spec);
  EXPECT_NO_THROW(check_placement(placement));
  EXPECT_EQ(placement.num_slots(), GetParam().spec.num_slots);
  EXPECT_EQ(placement.slots_per_gpu() * GetParam().spec.num_gpus, placement.num_slots());
  EXPECT_EQ(placement.num_nodes(), GetParam().spec.num_nodes);
}

TEST_P(EplbProperties, LargestSlotLoadNeverRisesWithSlots) {
  EplbSpec spec = GetParam().spec;
  double before = std::numeric_limits<double>::infinity();
  for (int more = 0; more < 8; ++more, spec.num_slots += spec.num_gpus) {
    const double largest = std::ranges::max(slot_load(eplb_placement(loads(), spec), loads()));
    EXPECT_LE(largest, before) << spec.num_slots << " slots";
    before = largest;
  }
}

TEST_P(EplbProperties, GroupsStayOnTheirNode) {
  const EplbSpec& spec = GetParam().spec;
  if (!is_hierarchical(spec)) return;
  const ExpertPlacement placement = eplb_placement(loads(), spec);
  std::vector<std::set<int>> nodes_of_group(static_cast<std::size_t>(spec.num_groups));
  for (int slot = 0; slot < placement.num_slots(); ++slot) {
    const int expert = placement.slot_expert[static_cast<std::size_t>(slot)];
    const int group = expert / (GetParam().num_experts / spec.num_groups);
    nodes_of_group[static_cast<std::size_t>(group)].insert(placement.node_of(slot));
  }
  for (const auto& nodes : nodes_of_group) EXPECT_EQ(nodes.size(), 1U);
}

TEST_P(EplbProperties, SameLoadsSamePlacement) {
  EXPECT_EQ(eplb_placement(loads(), GetParam().spec), eplb_placement(loads(), GetParam().spec));
}

TEST_P(EplbProperties, NeverFullerThanContiguous) {
  const EplbSpec& spec = GetParam().spec;
  const ExpertPlacement contiguous =
      contiguous_placement({GetParam().num_experts, spec.num_slots, spec.num_gpus, spec.num_gpus});
  EXPECT_LE(std::ranges::max(gpu_load(eplb_placement(loads(), spec), loads())),
            std::ranges::max(gpu_load(contiguous, loads())) * (1 + 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Sizes, EplbProperties,
                         testing::Values(Case{256, {288, 8, 4, 32}, 1}, Case{256, {288, 8, 8, 32}, 3},
                                         Case{256, {288, 8, 4, 144}, 1}, Case{256, {320, 8, 40, 320}, 2},
                                         Case{256, {256, 8, 8, 64}, 1}, Case{256, {288, 8, 3, 36}, 2},
                                         Case{160, {160, 8, 2, 16}, 1}, Case{64, {72, 1, 1, 8}, 3},
                                         Case{128, {128, 1, 2, 16}, 1}, Case{12, {16, 4, 2, 8}, 1},
                                         Case{256, {288, 8, 4, 32}, 0}));

// No redundant slot and one slot a GPU: nothing to pack, so the order of experts stays.
TEST(Eplb, OneSlotAGpuIsTheIdentity) {
  EXPECT_EQ(eplb_placement(Loads{1, 5, 2, 9}, {4, 1, 1, 4}).slot_expert, (Slots{0, 1, 2, 3}));
}

// Four experts of 8 on two GPUs: each in turn to the lightest, ties to the first, so GPU 0 takes 0 and 2.
// With six slots expert 0 is the first of the largest, then expert 1 is; their shares of 4 are packed last.
TEST(Eplb, EqualLoadsGoInOrder) {
  EXPECT_EQ(eplb_placement(Loads(4, 8), {4, 1, 1, 2}).slot_expert, (Slots{0, 2, 1, 3}));
  EXPECT_EQ(eplb_placement(Loads(4, 8), {6, 1, 1, 2}).slot_expert, (Slots{2, 0, 0, 3, 1, 1}));
}

// Nothing is heavier than 0 / 1, so every further slot goes to expert 0, and packs fill one after the other.
TEST(Eplb, LoadsOfZeroAreAllTies) {
  EXPECT_EQ(eplb_placement(Loads(4), {6, 1, 1, 2}).slot_expert, (Slots{0, 1, 2, 3, 0, 0}));
  EXPECT_EQ(eplb_placement(Loads{0, 0, 6, 0}, {6, 1, 1, 2}).slot_expert, (Slots{2, 2, 3, 2, 0, 1}));
}

TEST(Eplb, GroupsThatNodesDoNotShareAreBalancedGlobally) {
  EXPECT_TRUE(is_hierarchical(kReadme));
  EXPECT_FALSE(is_hierarchical({18, 4, 3, 9}));
  ExpertPlacement one_group = eplb_placement(kLayer0, {18, 1, 1, 9});
  const ExpertPlacement global = eplb_placement(kLayer0, {18, 4, 3, 9});
  EXPECT_EQ(global.slot_expert, one_group.slot_expert);
  EXPECT_EQ(global.gpus_per_node, 3);
}

TEST(Eplb, RefusesWhatTheRulesDoNotCover) {
  EXPECT_THROW(eplb_placement(kLayer0, {10, 4, 2, 2}), std::invalid_argument);  // fewer slots than experts
  EXPECT_THROW(eplb_placement(kLayer0, {17, 4, 2, 8}), std::invalid_argument);  // slots over GPUs
  EXPECT_THROW(eplb_placement(kLayer0, {16, 4, 3, 8}), std::invalid_argument);  // GPUs over nodes
  EXPECT_THROW(eplb_placement(kLayer0, {16, 8, 2, 8}), std::invalid_argument);  // experts over groups
  EXPECT_THROW(eplb_placement(kLayer0, {16, 0, 2, 8}), std::invalid_argument);
  EXPECT_THROW(eplb_placement(kLayer0, {16, 4, 0, 8}), std::invalid_argument);
  EXPECT_THROW(eplb_placement(kLayer0, {16, 4, 2, 0}), std::invalid_argument);
  EXPECT_THROW(eplb_placement({}, {16, 4, 2, 8}), std::invalid_argument);
  EXPECT_THROW(eplb_placement(Loads{1, -1}, {2, 1, 1, 1}), std::invalid_argument);
  EXPECT_THROW(eplb_placement(Loads{1, std::numeric_limits<double>::quiet_NaN()}, {2, 1, 1, 1}),
               std::invalid_argument);
  EXPECT_THROW(eplb_placement(Loads{1, 1e39}, {2, 1, 1, 1}), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
