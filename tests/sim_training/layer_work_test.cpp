#include "sim/training/layer_work.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "calib/profile/operator_time.hpp"
#include "models/flops.hpp"
#include "models/operators.hpp"
#include "sim/training/layer_pricer.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/step_graph.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

std::array<const PhaseWork*, 6> phases_of(const LayerWork& work) {
  return {&work.attention_forward, &work.attention_backward, &work.attention_weight,
          &work.mlp_forward,       &work.mlp_backward,       &work.mlp_weight};
}

LayerWork work_of(const TrainingInputs& inputs, LayerKind kind) {
  return layer_work(inputs, routed_load(inputs, inputs.scenario.routing), kind);
}

/// Every kind of item of the step with how often the model has it.
std::vector<std::pair<LayerWork, int>> whole_model(const TrainingInputs& inputs) {
  return {{work_of(inputs, LayerKind::dense), 3},
          {work_of(inputs, LayerKind::moe), 58 + 1},  // and that of the MTP module
          {embedding_work(inputs), 1},
          {mtp_projection_work(inputs), 1},
          {head_work(inputs), 2}};
}

class OfPrecision : public testing::TestWithParam<const char*> {};

/// A kernel cannot beat the peak, the whole of a phase is more than its large kernels, and fewer SMs take no
/// less time.
TEST_P(OfPrecision, IdealKernelsAloneAndPairedAscend) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/recipe/precision", GetParam()).inputs();
  for (const auto& [work, count] : whole_model(inputs)) {
    for (const PhaseWork* phase : phases_of(work)) {
      if (phase->launches == 0) {
        EXPECT_EQ(phase->alone_s, 0);
        continue;
      }
      EXPECT_LE(phase->ideal_s, phase->kernels_s);
      EXPECT_LT(phase->kernels_s, phase->alone_s);
      EXPECT_LT(phase->alone_s, phase->paired_s);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, OfPrecision, testing::Values("fp8", "bf16"),
                         [](const auto& info) { return std::string(info.param); });

/// In BF16 every operation has one peak, so ideal time x peak is the operations of the model: those of a
/// training token with its MTP module times 4096 tokens. (260.5 G x 4096 = 1.067 P.)
TEST(LayerWork, OperationsAddUpToTheModels) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/recipe/precision", "bf16").inputs();
  double ideal_s = 0;
  for (const auto& [work, count] : whole_model(inputs)) {
    for (const PhaseWork* phase : phases_of(work)) ideal_s += count * phase->ideal_s;
  }
  const double counted = 4096 * training_flops_per_token(inputs.model(), 4096, true, true).value();
  EXPECT_NEAR(ideal_s * inputs.profile->gpu().peak_bf16.value(), counted, 1e-9 * counted);
}

/// The four phases whose gaps the stack's kernel_gap was derived from have 147 launches.
TEST(LayerWork, LaunchesOfAnMoeLayer) {
  const LayerWork work = work_of(V3Step::plain().inputs(), LayerKind::moe);
  EXPECT_EQ(work.attention_forward.launches + work.mlp_forward.launches + work.mlp_backward.launches +
                work.attention_backward.launches,
            147);
  EXPECT_EQ(work.attention_weight.launches, 5);  // q_down, q_up, kv_down, kv_up, o_proj
  EXPECT_EQ(work.mlp_weight.launches, 4 + 2);    // two GEMMs each of shared and routed experts, two casts
}

/// One microsecond more a gap is one microsecond more a launch, alone and in pairs.
TEST(LayerWork, AGapFollowsEveryLaunch) {
  const V3Step plain = V3Step::plain();
  const double gap_s = plain.constant("kernel_gap");
  const LayerWork before = work_of(plain.inputs(), LayerKind::moe);
  const LayerWork after =
      work_of(V3Step::plain().constant("kernel_gap", gap_s + 1e-6).inputs(), LayerKind::moe);
  for (std::size_t i = 0; i < phases_of(before).size(); ++i) {
    const PhaseWork& a = *phases_of(before)[i];
    const PhaseWork& b = *phases_of(after)[i];
    EXPECT_NEAR(b.alone_s - a.alone_s, a.launches * 1e-6, 1e-12);
    EXPECT_NEAR(b.paired_s - a.paired_s, a.launches * 1e-6, 1e-12);
    EXPECT_EQ(b.kernels_s, a.kernels_s);
  }
}

/// The MLP of a rank with `load` times the mean tokens, straight from operators and calibration.
double mlp_seconds(const TrainingInputs& inputs, Pass pass, double load) {
  OperatorContext context;
  context.tokens = 4096;
  context.query_tokens = 4096;
  context.expert_tokens = 4096 * 8 * load;
  context.received_tokens = 4096 * routed_load(inputs, {}).ranks_per_token * load;
  context.local_experts = 256 / 64;
  context.recompute.rms_norm = context.recompute.mla_up_projection = context.recompute.swiglu = true;
  double seconds = 0;
  for (const Operator& op : layer_operators(inputs.model(), LayerKind::moe, pass, context)) {
    if (op.component != Component::mlp || inputs.stack.fuses(operator_class(op.name))) continue;
    seconds +=
        operator_time(op, inputs.stack, inputs.profile).seconds + op.count * inputs.constant("kernel_gap");
  }
  return seconds;
}

/// The engine multiplies the time at the mean by 1 + share (load - 1): at the hot rank's load that is the
/// time of so many rows, not a straight line through another point.
TEST(LayerWork, ExpertShareIsExactAtTheHotRank) {
  for (const char* load : {"1.2", "1.5"}) {
    const TrainingInputs inputs = V3Step::plain()
                                      .set("/routing", R"({"mode": "stated"})")
                                      .set("/routing/rank_max_over_mean", load)
                                      .inputs();
    const double hot = inputs.scenario.routing.rank_max_over_mean;
    const LayerWork work = work_of(inputs, LayerKind::moe);
    const std::pair<const PhaseWork*, Pass> phases[] = {{&work.mlp_forward, Pass::forward},
                                                        {&work.mlp_backward, Pass::input_gradient},
                                                        {&work.mlp_weight, Pass::weight_gradient}};
    for (const auto& [phase, pass] : phases) {
      EXPECT_NEAR(phase->alone_s, mlp_seconds(inputs, pass, 1), 1e-12);
      EXPECT_NEAR(phase->alone_s * (1 + phase->expert_share * (hot - 1)), mlp_seconds(inputs, pass, hot),
                  1e-9);
    }
  }
}

TEST(LayerWork, OnlyExpertsFollowTheLoad) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  const LayerWork moe = work_of(inputs, LayerKind::moe), dense = work_of(inputs, LayerKind::dense);
  for (const PhaseWork* phase : {&moe.attention_forward, &moe.attention_backward, &moe.attention_weight}) {
    EXPECT_EQ(phase->expert_share, 0);
  }
  for (const PhaseWork* phase : phases_of(dense)) EXPECT_EQ(phase->expert_share, 0);
}

/// A dense layer, 18432 = 9 x 2048 wide, has the operations of an MoE layer's 8 routed and 1 shared expert.
TEST(LayerWork, DenseAndMoeLayersHaveTheSameOperations) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  const LayerWork moe = work_of(inputs, LayerKind::moe), dense = work_of(inputs, LayerKind::dense);
  EXPECT_NEAR(dense.mlp_forward.ideal_s, moe.mlp_forward.ideal_s, 1e-12);
  EXPECT_NEAR(dense.mlp_backward.ideal_s, moe.mlp_backward.ideal_s, 1e-12);
  EXPECT_NEAR(dense.mlp_weight.ideal_s, moe.mlp_weight.ideal_s, 1e-12);
  EXPECT_TRUE(moe.has_mlp);
  EXPECT_FALSE(head_work(inputs).has_mlp);
}

/// The cast in front of the backward of a combine reads 4096 x 7168 BF16 values and writes FP8 with scales,
/// (2 + 1.03125) B each at 0.8 x 3.35 TB/s, and has a gap; the forward's cast belongs to attention.
TEST(LayerWork, CastsBesideTransfers) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  const LayerWork work = work_of(inputs, LayerKind::moe);
  EXPECT_EQ(work.dispatch_cast_s, 0);
  EXPECT_NEAR(work.combine_cast_s, 4096 * 7168 * 3.03125 / (0.8 * 3.35e12) + 3.8e-6, 1e-9);
}

double total_s(const LayerWork& work, bool paired) {
  double sum = 0;
  for (const PhaseWork* phase : phases_of(work)) sum += paired ? phase->paired_s : phase->alone_s;
  return sum;
}

/// Layers run beside others' transfers, the rest does not; a schedule without pairs overlaps nothing.
TEST(LayerWork, TimesForTheBalanceOfStagesAreSumsOfPhases) {
  for (const bool paired : {true, false}) {
    const TrainingInputs inputs =
        V3Step::plain().much_memory().set("/layout/schedule", paired ? "dualpipe" : "1f1b").inputs();
    const LayerTimes times = layer_times_by_calibration(inputs);
    EXPECT_DOUBLE_EQ(times.moe, total_s(work_of(inputs, LayerKind::moe), paired));
    EXPECT_DOUBLE_EQ(times.dense, total_s(work_of(inputs, LayerKind::dense), paired));
    EXPECT_DOUBLE_EQ(times.head, total_s(head_work(inputs), false));
    EXPECT_DOUBLE_EQ(times.mtp, times.moe + total_s(mtp_projection_work(inputs), false));
    EXPECT_DOUBLE_EQ(times.embedding, total_s(embedding_work(inputs), false));
  }
}

/// The host issues every kernel, one graph for each phase, or nothing.
TEST(GraphScope, DecidesWhatTheHostIssues) {
  const auto issue_s = [](GraphScope scope) {
    const TrainingInputs inputs =
        V3Step::plain().stack([&](Stack& stack) { stack.graph_scope = scope; }).inputs();
    CostTable table;
    LayerPricer pricer(inputs, loads_of(inputs, {}), table);
    return table.costs()[pricer.layer(LayerKind::moe, 3).alone.attention_forward].issue_s;
  };
  EXPECT_DOUBLE_EQ(issue_s(GraphScope::none), 39 * 7.5e-6);
  EXPECT_DOUBLE_EQ(issue_s(GraphScope::layer), 7.5e-6);
  EXPECT_EQ(issue_s(GraphScope::step), 0);
}

}  // namespace
}  // namespace moesim
