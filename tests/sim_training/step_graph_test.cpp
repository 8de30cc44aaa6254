#include "sim/training/step_graph.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "sim/training/layer_pricer.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

constexpr int kMicrobatches = 32;
constexpr int kLayers = 61;  ///< layer 61 is the MTP module's
constexpr int kDenseLayers = 3;

constexpr std::array kComputation{Phase::attention_forward, Phase::attention_backward,
                                  Phase::attention_weight,  Phase::mlp_forward,
                                  Phase::mlp_backward,      Phase::mlp_weight};
constexpr std::array kTransfers{Phase::dispatch_forward, Phase::combine_forward, Phase::dispatch_backward,
                                Phase::combine_backward};

/// How many operations there are of (phase, micro-batch, layer).
std::map<std::tuple<Phase, int, int>, int> count_operations(const OpGraph& graph) {
  std::map<std::tuple<Phase, int, int>, int> count;
  for (const auto& program : graph.programs) {
    for (const Operation& op : program) ++count[{graph.cost_of(op).phase, op.microbatch, op.layer}];
  }
  return count;
}

TEST(StepGraph, IsSound) {
  EXPECT_EQ(find_defect(build_step(V3Step::shortest().inputs(), {}).graph), "");
  EXPECT_EQ(find_defect(build_step(V3Step::plain().inputs(), test::kComputation).graph), "");
}

TEST(StepGraph, EveryMicrobatchPassesEveryLayerOnce) {
  auto count = count_operations(build_step(V3Step::shortest().inputs(), {}).graph);
  for (int microbatch = 0; microbatch < kMicrobatches; ++microbatch) {
    for (int layer = 0; layer <= kLayers; ++layer) {
      for (const Phase phase : kComputation) EXPECT_EQ((count[{phase, microbatch, layer}]), 1);
      for (const Phase phase : kTransfers) {
        EXPECT_EQ((count[{phase, microbatch, layer}]), layer < kDenseLayers ? 0 : 1);
      }
    }
    // Embedding and MTP projection are priced as attention, the head's weight gradients as its backward.
    EXPECT_EQ((count[{Phase::attention_forward, microbatch, -1}]), 2);
    EXPECT_EQ((count[{Phase::head_forward, microbatch, -1}]), 2);
    EXPECT_EQ((count[{Phase::head_backward, microbatch, -1}]), 4);
    // 15 hops each way.
    EXPECT_EQ((count[{Phase::send_activation, microbatch, -1}]), 15);
    EXPECT_EQ((count[{Phase::send_gradient, microbatch, -1}]), 15);
  }
}

/// 62 layers of 6 phases, 59 of them with 4 transfers; 3 operations each of the embedding, the MTP projection
/// and two heads; 30 sends: 650 a micro-batch. 3 end the step on each of 16 ranks.
TEST(StepGraph, NumberOfOperations) {
  EXPECT_EQ(build_step(V3Step::shortest().inputs(), {}).graph.num_operations(), 32u * 650 + 48);
  EXPECT_EQ(build_step(V3Step::shipped().inputs(), {}).graph.num_operations(), 120u * 650 + 48);
}

TEST(StepGraph, EveryCostHasAnOrigin) {
  const StepGraph step = build_step(V3Step::shortest().inputs(), {});
  ASSERT_EQ(step.origins.size(), step.graph.costs.size());
  for (std::size_t i = 0; i < step.origins.size(); ++i) {
    const ProvenanceFractions& origin = step.origins[i];
    const double sum = origin.measured + origin.published + origin.derived + origin.assumed;
    EXPECT_NEAR(sum,
                step.graph.costs[i].work_s + step.graph.costs[i].delay_s + step.graph.costs[i].nic_B +
                            step.graph.costs[i].nvlink_B >
                        0
                    ? 1
                    : 0,
                1e-12);
  }
}

bool same_times(const OperationCost& a, const OperationCost& b) {
  return a.delay_s == b.delay_s && a.work_s == b.work_s && a.nic_B == b.nic_B && a.nvlink_B == b.nvlink_B &&
         a.tail_nvlink_B == b.tail_nvlink_B && a.issue_s == b.issue_s && a.expert_share == b.expert_share;
}
bool takes_no_time(const OperationCost& cost) {
  return cost.delay_s == 0 && cost.work_s == 0 && cost.nic_B == 0 && cost.nvlink_B == 0 &&
         cost.tail_nvlink_B == 0 && cost.issue_s == 0 && !cost.holds_sms;
}

struct LeftOut {
  const char* name;
  StepParts parts;
  std::vector<Phase> phases;
};

class Parts : public testing::TestWithParam<LeftOut> {};

/// What is left out takes no time, on the same operations; all other costs stay as they are.
TEST_P(Parts, LeaveOutWhatTheySayAndNothingElse) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  const OpGraph whole = build_step(inputs, {}).graph, part = build_step(inputs, GetParam().parts).graph;
  ASSERT_EQ(whole.costs.size(), part.costs.size());
  EXPECT_EQ(whole.num_operations(), part.num_operations());
  for (std::size_t i = 0; i < whole.costs.size(); ++i) {
    const Phase phase = whole.costs[i].phase;
    EXPECT_EQ(part.costs[i].phase, phase);
    EXPECT_EQ(part.costs[i].sync, whole.costs[i].sync);
    const auto& out = GetParam().phases;
    const bool left_out = std::find(out.begin(), out.end(), phase) != out.end();
    EXPECT_TRUE(left_out ? takes_no_time(part.costs[i]) : same_times(part.costs[i], whole.costs[i]))
        << to_string(phase);
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfAStep, Parts,
    testing::Values(
        LeftOut{"ExpertTransfers", {.expert_transfers = false}, {kTransfers.begin(), kTransfers.end()}},
        LeftOut{"PipelineTransfers",
                {.pipeline_transfers = false},
                {Phase::send_activation, Phase::send_gradient}},
        LeftOut{
            "StepEnd", {.step_end = false}, {Phase::reduce_scatter, Phase::optimizer, Phase::all_gather}}),
    [](const auto& info) { return std::string(info.param.name); });

/// Without jitter only the computation that transfers wait for in passes alone gets shorter, by what jitter
/// adds to the slowest GPU.
TEST(StepGraph, JitterPadsWhatMeetsPeersInPassesAlone) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  const OpGraph jittered = build_step(inputs, {}).graph, calm = build_step(inputs, {.jitter = false}).graph;
  const double padding = 1 + jitter_of_slowest(inputs, {});
  for (std::size_t rank = 0; rank < calm.programs.size(); ++rank) {
    for (std::size_t i = 0; i < calm.programs[rank].size(); ++i) {
      const Operation& op = calm.programs[rank][i];
      if (op.layer != test::kMoeLayer) continue;
      const Phase phase = calm.cost_of(op).phase;
      const bool meets = phase == Phase::attention_forward || phase == Phase::attention_backward ||
                         phase == Phase::mlp_forward || phase == Phase::mlp_backward;
      const bool alone = op.pass != PassKind::forward_backward;
      const double before = calm.cost_of(op).work_s;
      const double after = jittered.cost_of(jittered.programs[rank][i]).work_s;
      EXPECT_DOUBLE_EQ(after, before * (meets && alone ? padding : 1));
    }
  }
}

TEST(StepGraph, WithoutExpertLoadRoutingIsBalanced) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  EXPECT_EQ(loads_of(inputs, {}).mean().rank_max_over_mean, 1.2);
  EXPECT_EQ(loads_of(inputs, {}).mean().node_max_over_mean, 1.04);
  const RoutedLoad balanced = loads_of(inputs, {.expert_load = false}).mean();
  EXPECT_EQ(balanced.rank_max_over_mean, 1);
  EXPECT_EQ(balanced.node_max_over_mean, 1);
  EXPECT_EQ(balanced.nodes_per_token, loads_of(inputs, {}).mean().nodes_per_token);
}

/// Embedding, three dense layers and an MoE layer on the first stage; an MoE layer, the head, and the MTP
/// module's projection, layer and head on the last.
TEST(StepGraph, ItemsOfTheEndStages) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  CostTable table;
  LayerPricer pricer(inputs, loads_of(inputs, {}), table);
  const auto layers_of = [&](const StageContent& stage) {
    std::vector<int> layers;
    for (const StageItem& item : stage_items(inputs, stage, pricer)) layers.push_back(item.layer);
    return layers;
  };
  EXPECT_EQ(layers_of(inputs.plan.stages.front()), (std::vector<int>{-1, 0, 1, 2, 3}));
  EXPECT_EQ(layers_of(inputs.plan.stages.back()), (std::vector<int>{60, -1, -1, 61, -1}));
}

/// Without overlapped pairs a step has no forward_backward pass, and 1F1B runs every backward whole.
TEST(StepGraph, OneForwardOneBackwardHasNoPairs) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/layout/schedule", "1f1b").inputs();
  const OpGraph graph = build_step(inputs, {}).graph;
  EXPECT_EQ(find_defect(graph), "");
  for (const auto& program : graph.programs) {
    for (const Operation& op : program) {
      EXPECT_NE(op.pass, PassKind::forward_backward);
      EXPECT_NE(op.pass, PassKind::weight);
    }
  }
}

/// A model whose experts are all on every GPU has no transfers.
TEST(StepGraph, WithoutExpertParallelismNothingIsDispatched) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/layout/ep", "1").inputs();
  for (const OperationCost& cost : build_step(inputs, {}).graph.costs) {
    EXPECT_FALSE(cost.phase >= Phase::dispatch_forward && cost.phase <= Phase::combine_backward);
  }
}

}  // namespace
}  // namespace moesim
