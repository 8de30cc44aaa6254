#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

/// What the authors publish about the gate of a family; groups kept of groups.
struct Published {
  const char* model;
  int num_experts, top_k, topk_groups, num_groups;
  Scoring scoring;
  GroupScore group_score;
  bool normalise, has_bias;
  double route_scale;
  bool random_second = false;
};

constexpr auto kSoftmax = Scoring::softmax;
constexpr auto kSigmoid = Scoring::sigmoid;
constexpr auto kNone = GroupScore::none;

const Published kPublished[] = {
    {"deepseek-moe-16b", 64, 6, 1, 1, kSoftmax, kNone, false, false, 1},
    {"deepseek-v2-lite", 64, 6, 1, 1, kSoftmax, kNone, false, false, 1},
    {"deepseek-v2", 160, 6, 3, 8, kSoftmax, GroupScore::best, false, false, 16},
    {"deepseek-v3", 256, 8, 4, 8, kSigmoid, GroupScore::sum_of_two_best, true, true, 2.5},
    {"deepseek-r1", 256, 8, 4, 8, kSigmoid, GroupScore::sum_of_two_best, true, true, 2.5},
    {"kimi-k2", 384, 8, 1, 1, kSigmoid, kNone, true, true, 2.827},
    {"mixtral-8x7b", 8, 2, 1, 1, kSoftmax, kNone, true, false, 1},
    {"mixtral-8x22b", 8, 2, 1, 1, kSoftmax, kNone, true, false, 1},
    {"qwen2-57b-a14b", 64, 8, 1, 1, kSoftmax, kNone, false, false, 1},
    {"qwen3-30b-a3b", 128, 8, 1, 1, kSoftmax, kNone, true, false, 1},
    {"qwen3-235b-a22b", 128, 8, 1, 1, kSoftmax, kNone, true, false, 1},
    {"switch-2b", 16, 1, 1, 1, kSoftmax, kNone, false, false, 1},
    {"gshard-2b", 16, 2, 1, 1, kSoftmax, kNone, true, false, 1, true},
    {"gshard-137b", 16, 2, 1, 1, kSoftmax, kNone, true, false, 1, true},
};

TEST(GateOf, IsThePublishedGate) {
  for (const Published& published : kPublished) {
    SCOPED_TRACE(published.model);
    for (const GateFlavour flavour : {GateFlavour::reference, GateFlavour::hugging_face}) {
      const GateSpec gate = gate_of(load_model(published.model), flavour);
      EXPECT_EQ(gate.num_experts, published.num_experts);
      EXPECT_EQ(gate.top_k, published.top_k);
      EXPECT_EQ(gate.topk_groups, published.topk_groups);
      EXPECT_EQ(gate.num_groups, published.num_groups);
      EXPECT_EQ(gate.scoring, published.scoring);
      EXPECT_EQ(gate.group_score, published.group_score);
      EXPECT_EQ(gate.normalise, published.normalise);
      EXPECT_EQ(gate.has_bias, published.has_bias);
      EXPECT_EQ(gate.route_scale, published.route_scale);
      EXPECT_EQ(gate.random_second, published.random_second);
      EXPECT_EQ(gate.flavour, flavour);
    }
  }
}

TEST(GateOf, EveryModelWithExpertsHasAGate) {
  for (const std::string& name : catalog_names()) {
    SCOPED_TRACE(name);
    const ModelSpec model = load_model(name);
    if (model.num_moe_layers() == 0) {
      EXPECT_THROW(gate_of(model), std::invalid_argument);
    } else {
      EXPECT_EQ(Gate(gate_of(model)).spec().num_experts, model.num_experts);
    }
  }
}

}  // namespace
}  // namespace moesim
