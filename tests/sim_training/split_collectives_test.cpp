// Collectives of the groups that a layer is split over: which bytes move, what waits for them, and what the
// step does when their inputs change.
#include "sim/training/split_collectives.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/training/routed_loads.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::kDenseLayer;
using test::kMoeLayer;
using test::Replayed;
using test::V3Step;

constexpr double kNvlink = 160e9;
constexpr double kRows = 4096.0 * 7168 * 2;  ///< BF16 hidden states of a micro-batch

/// One micro-batch of the plain step on 1F1B without experts in the way of replicas: 32 micro-batches at any
/// tp.
V3Step split(int tp, int cp = 1) {
  V3Step step = V3Step::plain().much_memory().set("/layout/schedule", "1f1b");
  step.set("/layout/tp", std::to_string(tp)).set("/layout/cp", std::to_string(cp));
  return step.set("/recipe/global_batch", std::to_string(4096 / (tp * cp)));
}

V3Step dense_model(V3Step step) {
  step.set("/layout/ep", "1").model([](ModelSpec& model) {
    model.num_dense_layers = model.num_layers;
    model.num_experts = model.num_shared_experts = model.top_k = model.mtp_depth = 0;
    model.num_groups = model.topk_groups = 1;
    model.group_score = GroupScore::none;
  });
  return step;
}

double operator_s(const OperationCost& cost) {
  return cost.delay_s + cost.nvlink_B / kNvlink;
}

class TensorParallelSize : public testing::TestWithParam<int> {};

/// All tokens' hidden states are gathered in front of attention, (tp - 1) / tp of them over NVLink; backward
/// gathers output gradients and, once more, the input.
TEST_P(TensorParallelSize, MovesHiddenStates) {
  const double tp = GetParam();
  const Replayed step(split(GetParam()).inputs());
  const OperationCost& forward = step.cost(Phase::tensor_forward, PassKind::forward);
  EXPECT_DOUBLE_EQ(forward.nvlink_B, kRows * (tp - 1) / tp);
  EXPECT_EQ(forward.nic_B, 0);
  const OperationCost& backward = step.cost(Phase::tensor_backward, PassKind::backward);
  EXPECT_DOUBLE_EQ(backward.nvlink_B, 2 * kRows * (tp - 1) / tp);
}
INSTANTIATE_TEST_SUITE_P(Sizes, TensorParallelSize, testing::Values(2, 4, 8));

/// 62 layers with shared or dense parts, the module's among them, gather and reduce twice; 2 heads gather and
/// reduce their losses, the embedding reduces. 32 micro-batches.
TEST(TensorParallel, CountsOfAStep) {
  const Replayed step(split(2).inputs());
  EXPECT_EQ(step.count(Phase::tensor_forward), 32 * (62 * 4 + 2 * 2 + 1));
  EXPECT_EQ(step.count(Phase::tensor_backward), 32 * (62 * 4 + 2 * 2 + 1));
  EXPECT_EQ(Replayed(split(1).inputs()).count(Phase::tensor_forward), 0);
}

/// The dense part has no product that ranks repeat: half the work on two GPUs.
TEST(TensorParallel, HalvesTheWork) {
  const TrainingInputs one = split(1).inputs(), two = split(2).inputs();
  const RoutedLoad load = routed_load(one, one.scenario.routing);
  EXPECT_NEAR(layer_work(two, load, LayerKind::dense).mlp_forward.ideal_s,
              layer_work(one, load, LayerKind::dense).mlp_forward.ideal_s / 2, 1e-12);
  EXPECT_NEAR(head_work(two).attention_forward.ideal_s, head_work(one).attention_forward.ideal_s / 2, 1e-12);
}

/// Computation waits for every collective and every collective for computation: no two spans overlap.
TEST(TensorParallel, NothingComputesBesideACollective) {
  const Replayed step(split(2).inputs());
  std::vector<Span> spans;
  for (const Span& span : step.spans) {
    const auto lane = static_cast<Lane>(span.lane);
    if (span.rank == 5 && (lane == Lane::computation || lane == Lane::layer_split)) spans.push_back(span);
  }
  std::ranges::sort(spans, {}, &Span::start_s);
  ASSERT_GT(spans.size(), 1000u);
  for (std::size_t i = 1; i < spans.size(); ++i) EXPECT_GE(spans[i].start_s, spans[i - 1].end_s - 1e-12);
}

TEST(TensorParallel, HalfTheNvlinkDoublesIt) {
  constexpr StepParts kNoSends{.pipeline_transfers = false};
  const Replayed whole(dense_model(split(2)).inputs(), kNoSends);
  const Replayed half(dense_model(split(2)).set("/cluster/nvlink/bandwidth", "80 GB/s").inputs(), kNoSends);
  double bytes = 0;
  for (const auto& program : whole.step.graph.programs) {
    for (const Operation& op : program) {
      if (op.lane == Lane::layer_split) bytes += whole.step.graph.cost_of(op).nvlink_B;
    }
  }
  const double before = whole.phase_s(Phase::tensor_forward) + whole.phase_s(Phase::tensor_backward);
  const double after = half.phase_s(Phase::tensor_forward) + half.phase_s(Phase::tensor_backward);
  EXPECT_NEAR(after - before, bytes / kNvlink, 1e-6);
  EXPECT_GT(half.result.makespan_s, whole.result.makespan_s);
}

/// A group over two nodes of 4: the NIC of each GPU carries a quarter of what it moves.
TEST(TensorParallel, AcrossNodesTheNicCarriesItsShare) {
  V3Step step = split(8).set("/cluster/gpus_per_node", "4").set("/cluster/num_nodes", "512");
  const OperationCost cost = Replayed(step.inputs()).cost(Phase::tensor_forward, PassKind::forward);
  EXPECT_DOUBLE_EQ(cost.nic_B, kRows * 7 / 8 / 4);
  EXPECT_DOUBLE_EQ(cost.nvlink_B, kRows * 7 / 8);
}

/// Without sequence parallelism an all-reduce behind attention moves twice an all-gather, in front there is
/// nothing, and what lies between has all tokens on each GPU.
TEST(TensorParallel, WithoutSequenceParallelism) {
  const Replayed with(dense_model(split(2)).inputs());
  V3Step without_sp = dense_model(split(2)).set("/layout/sequence_parallel", "false");
  const Replayed without(without_sp.inputs());
  EXPECT_EQ(without.count(Phase::tensor_forward) * 2, with.count(Phase::tensor_forward) + 32);
  EXPECT_DOUBLE_EQ(without.cost(Phase::tensor_forward, PassKind::forward, kDenseLayer).nvlink_B, kRows);
  EXPECT_GT(without_sp.inputs().plan.memory.peak().value(),
            dense_model(split(2)).inputs().plan.memory.peak().value());
  EXPECT_EQ(without_sp.inputs().local_tokens(), 4096);
}

TEST(TensorParallel, ExpertsNeedSequenceParallelism) {
  EXPECT_THROW(static_cast<void>(split(2).set("/layout/sequence_parallel", "false").inputs()), PlanError);
}

/// The second gathering hides beside the input gradient, the reduction beside the weight gradient; all but a
/// quarter in pieces with a share of 0.75, as every product outlasts its collective.
TEST(TensorOverlap, HidesWhatRunsBesideProducts) {
  const auto backward_s = [](TensorOverlap overlap) {
    V3Step step = split(2).add_ratio("tensor_overlap", 0.75).stack([&](Stack& stack) {
      stack.tensor_parallel.overlap = overlap;
    });
    step.set("/cluster/nvlink/bandwidth", "100 TB/s");
    return operator_s(Replayed(step.inputs()).cost(Phase::tensor_backward, PassKind::backward));
  };
  const double none = backward_s(TensorOverlap::none);
  EXPECT_NEAR(backward_s(TensorOverlap::backward), none / 2, 1e-9 * none + 1e-12);
  EXPECT_NEAR(backward_s(TensorOverlap::pieces), none / 4, 1e-9 * none + 1e-12);
}

/// 20 of 132 SMs beside hidden collectives: 20 / 112 of the hidden time more.
TEST(TensorOverlap, TakesSms) {
  const auto delay_s = [](int num_sms) {
    V3Step step = split(2).stack([&](Stack& stack) {
      stack.tensor_parallel = {TensorOverlap::backward, num_sms};
    });
    return Replayed(step.inputs()).cost(Phase::tensor_backward, PassKind::backward).delay_s;
  };
  const TrainingInputs inputs = split(2).inputs();
  const Seconds alone =
      time_alone(group_cost(inputs, GroupKind::tensor, GroupCollective::all_gather, Bytes(kRows)),
                 {BytesPerSecond(1e9), BytesPerSecond(kNvlink)});
  const double hidden = delay_s(20) - delay_s(0);
  EXPECT_GT(hidden, 0);
  EXPECT_LE(hidden, alone.value() * 20 / 112 * (1 + 1e-9));
}

}  // namespace
}  // namespace moesim
