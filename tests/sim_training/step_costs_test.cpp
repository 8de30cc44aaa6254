#include "sim/training/step_costs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/parameters.hpp"
#include "sim/training/data_parallel_step.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

constexpr double kNic = 47.5e9;
constexpr double kNvlink = 160e9;

double number(std::int64_t count) {
  return static_cast<double>(count);
}

/// Parameters on all GPUs of one replica: a rank's experts are spread over `ep` GPUs, the rest is on each.
double on_all_ranks(const TrainingInputs& inputs) {
  double sum = 0;
  for (int rank = 0; rank < inputs.plan.schedule.num_ranks; ++rank) {
    const RankParameters parameters = rank_parameters(inputs, rank);
    sum += parameters.experts * inputs.layout().ep + parameters.others;
  }
  return sum;
}

/// DualPipe keeps every stage twice. The first rank holds both ends of the model, so the MTP module uses the
/// embedding and the head that are there.
TEST(StepCosts, DualPipeHoldsTheModelTwice) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  const ParameterCount count = parameters(inputs.model());
  EXPECT_DOUBLE_EQ(on_all_ranks(inputs), 2 * number(count.total() + count.mtp));
}

/// 1F1B keeps every stage once; the MTP module on the last rank is far from the embedding and has its own.
TEST(StepCosts, WithoutDualPipeTheMtpModuleHasAnEmbeddingOfItsOwn) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/layout/schedule", "1f1b").inputs();
  const ParameterCount count = parameters(inputs.model());
  EXPECT_DOUBLE_EQ(on_all_ranks(inputs), number(count.total() + count.mtp + 129280 * 7168));
}

/// A rank with 2 x 4 MoE layers.
struct InnerRank {
  double experts = 8 * 4.0 * 3 * 7168 * 2048;
  double others = 0;

  explicit InnerRank(const ModelSpec& model) {
    ParameterCount layer = layer_parameters(model, LayerKind::moe);
    layer.routed_experts = 0;
    others = 8 * number(layer.total());
  }
  /// The NIC carries 3/4 of a GPU's experts, four copies on four nodes, and what is left of 255/256 of the
  /// rest for each of 8 members on a node; NVLink the whole of the rest.
  [[nodiscard]] double nic_s(double bytes_per_parameter) const {
    return bytes_per_parameter * (experts * 3 / 4 + others * 255 / 256 / 8) / kNic;
  }
  [[nodiscard]] double nvlink_s(double bytes_per_parameter) const {
    return bytes_per_parameter * others * 255 / 256 / kNvlink;
  }
};

struct StepEnd {
  OperationCost reduce_scatter, optimizer, all_gather;

  StepEnd(const TrainingInputs& inputs, int rank) {
    CostTable table;
    const Block block = DataParallelStep(inputs, table).step_end(rank);
    reduce_scatter = table.costs()[block.operations[0].cost];
    optimizer = table.costs()[block.operations[1].cost];
    all_gather = table.costs()[block.operations[2].cost];
  }
};

double alone_s(const OperationCost& cost) {
  return cost.delay_s + std::max(cost.nic_B / kNic, cost.nvlink_B / kNvlink);
}

/// FP32 gradients one way and BF16 weights back: 109 + 54 ms, where rules of thumb say 0.11 s (an expert's
/// two replicas alone) to 0.16 s (all four copies).
TEST(StepCosts, CollectivesOfAnInnerRank) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  const InnerRank rank(inputs.model());
  const StepEnd end(inputs, 3);
  EXPECT_NEAR(alone_s(end.reduce_scatter), 3.7e-6 + rank.nic_s(4), 1e-9);
  EXPECT_NEAR(alone_s(end.all_gather), 3.7e-6 + rank.nic_s(2), 1e-9);
  EXPECT_NEAR(end.reduce_scatter.nvlink_B / kNvlink, rank.nvlink_s(4), 1e-9);
  const double both_s = alone_s(end.reduce_scatter) + alone_s(end.all_gather);
  EXPECT_GT(both_s, 0.11);
  EXPECT_LT(both_s, 0.165);
  EXPECT_EQ(end.reduce_scatter.sync, SyncScope::all);
  EXPECT_EQ(end.all_gather.sync, SyncScope::all);
}

/// The first rank's single MoE layers leave the NIC idle while embedding and head cross NVLink.
TEST(StepCosts, EmbeddingAndHeadBindNvlink) {
  const StepEnd end(V3Step::plain().inputs(), 0);
  EXPECT_GT(end.reduce_scatter.nvlink_B / kNvlink, end.reduce_scatter.nic_B / kNic);
}

/// AdamW streams 18 B of each parameter of the shard (experts over 2 replicas and the rest over 128, on both
/// ranks that hold the stages), FP8 copies 7 B of each of all parameters, at 0.8 x 3.35 TB/s; the gradient
/// norm waits 50 ms.
TEST(StepCosts, OptimizerOfAnInnerRank) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  const InnerRank rank(inputs.model());
  const StepEnd end(inputs, 3);
  const double bytes = 18 * (rank.experts / 4 + rank.others / 256) + 3 * (rank.experts + rank.others);
  EXPECT_NEAR(end.optimizer.work_s, bytes / (0.8 * 3.35e12), 1e-9);
  EXPECT_DOUBLE_EQ(end.optimizer.delay_s, 0.05);
  EXPECT_NEAR(end.optimizer.issue_s, 40 * 7.5e-6, 1e-12);
}

/// Without ZeRO every GPU updates all its parameters, and what comes back from an all-reduce are FP32
/// gradients, not BF16 weights.
TEST(StepCosts, WithoutZeroNothingIsSharded) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/layout/zero", "0").inputs();
  const InnerRank rank(inputs.model());
  const RankParameters parameters = rank_parameters(inputs, 3);
  EXPECT_EQ(parameters.expert_shard, parameters.experts);
  EXPECT_EQ(parameters.other_shard, parameters.others);
  const StepEnd end(inputs, 3);
  EXPECT_NEAR(end.optimizer.work_s, 21 * (rank.experts + rank.others) / (0.8 * 3.35e12), 1e-9);
  EXPECT_EQ(end.all_gather.nic_B, end.reduce_scatter.nic_B);
  EXPECT_EQ(end.all_gather.nvlink_B, end.reduce_scatter.nvlink_B);
}

/// BF16 training has no FP8 copies to make.
TEST(StepCosts, NoFp8CopiesInBf16) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/recipe/precision", "bf16").inputs();
  const InnerRank rank(inputs.model());
  EXPECT_NEAR(StepEnd(inputs, 3).optimizer.work_s,
              18 * (rank.experts / 4 + rank.others / 256) / (0.8 * 3.35e12), 1e-9);
}

/// 4096 tokens x 7168 x 2 B = 58.7 MB, 1.24 ms at 47.5 GB/s.
TEST(StepCosts, SendsCrossTheNic) {
  CostTable table;
  const std::uint32_t send = price_send(V3Step::plain().inputs(), Phase::send_activation, table);
  const OperationCost& cost = table.costs()[send];
  EXPECT_DOUBLE_EQ(cost.nic_B, 4096.0 * 7168 * 2);
  EXPECT_EQ(cost.nvlink_B, 0);
  EXPECT_DOUBLE_EQ(cost.delay_s, 3.7e-6);
  EXPECT_NEAR(alone_s(cost), 1.24e-3, 1e-5);
}

/// Eight pipeline ranks of one GPU each on one node.
TEST(StepCosts, SendsInsideANodeCrossNvlink) {
  const TrainingInputs inputs = V3Step::plain()
                                    .much_memory()
                                    .assigned_stages()
                                    .set("/cluster/num_nodes", "1")
                                    .set("/layout/pp", "8")
                                    .set("/layout/ep", "1")
                                    .set("/recipe/global_batch", "16")
                                    .inputs();
  CostTable table;
  const std::uint32_t send = price_send(inputs, Phase::send_gradient, table);
  const OperationCost& cost = table.costs()[send];
  EXPECT_EQ(cost.nic_B, 0);
  EXPECT_DOUBLE_EQ(cost.nvlink_B, 4096.0 * 7168 * 2);
  EXPECT_DOUBLE_EQ(cost.delay_s, 3.33e-6);
  // No replica but DualPipe's second copy of every stage: two copies, inside the node as well.
  const StepEnd end(inputs, 3);
  EXPECT_GT(end.reduce_scatter.nvlink_B + end.reduce_scatter.nic_B, 0);
}

}  // namespace
}  // namespace moesim
