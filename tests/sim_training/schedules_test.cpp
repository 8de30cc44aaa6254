// DeepSeek-V3's step under every schedule: plan, memory, replay and summary, and the orders that must come
// out.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/schedule/schedule_table.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"
#include "sim/training/waterfall.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::kComputation;
using test::Replayed;
using test::V3Step;

/// 32 micro-batches on 16 ranks, balanced routing, equal GPUs, layers assigned by the plan.
V3Step with_schedule(std::string_view name, int vpp = 1) {
  return V3Step::plain()
      .much_memory()
      .assigned_stages()
      .set("/layout/schedule", name)
      .set("/layout/vpp", std::to_string(vpp));
}

struct Choice {
  ScheduleKind kind;
  int vpp;
};

class StepOf : public ::testing::TestWithParam<Choice> {
 protected:
  [[nodiscard]] V3Step step() const { return with_schedule(to_string(GetParam().kind), GetParam().vpp); }
};

TEST_P(StepOf, RunsAndAddsUp) {
  const TrainingInputs inputs = step().inputs();
  NullSink sink;
  const auto replayed = replay_step(inputs, 1, sink);
  const Json summary = training_summary(inputs, replayed->step, replayed->result, replay_layer_pair(inputs));
  const ScheduleRow& row = row_of(GetParam().kind);
  EXPECT_EQ(summary["memory_per_gpu_B"]["by_stage"].size(), 16u);
  EXPECT_EQ(summary.contains("layer_pair_s"), row.pairs);
  EXPECT_EQ(summary["phases_s"]["forward_backward"] > 0, row.pairs);
  EXPECT_EQ(summary["phases_s"]["weight"] > 0, row.defers);
  double sum = 0;
  for (const auto& [phase, seconds] : summary["phases_s"].items()) sum += seconds.get<double>();
  EXPECT_NEAR(sum, summary["step_time_s"], 1e-9 * sum);
  for (std::size_t rank = 0; rank < 16; ++rank) {
    const auto lane = static_cast<std::size_t>(Lane::computation);
    EXPECT_LE(replayed->result.ranks[rank].busy_s[lane], replayed->result.makespan_s) << rank;
  }
}

TEST_P(StepOf, EnginesAgree) {
  V3Step by_simgrid = step().set("/engine", "simgrid");
  NullSink sink;
  const double simgrid_s = replay_step(by_simgrid.inputs(), 1, sink)->result.makespan_s;
  EXPECT_NEAR(simgrid_s, step().seconds(), 1e-9 * simgrid_s);
}

TEST_P(StepOf, HasAWaterfallThatAddsUp) {
  const Json rows = training_waterfall(step().inputs());
  double sum = 0;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) sum += rows[i]["seconds"].get<double>();
  EXPECT_NEAR(sum, rows.back()["seconds"].get<double>(), 1e-9 * sum);
}

/// What is computed is the same whatever the order: the sum of work of all ranks, pairs aside.
TEST_P(StepOf, DoesTheWorkOfOneForwardOneBackward) {
  if (row_of(GetParam().kind).pairs) GTEST_SKIP() << "pairs run on fewer SMs";
  const auto work_s = [](const V3Step& of) {
    const OpGraph graph = build_step(of.inputs(), kComputation).graph;
    double sum = 0;
    for (const auto& program : graph.programs) {
      for (const Operation& op : program) sum += graph.cost_of(op).work_s;
    }
    return sum;
  };
  const double plain_s = work_s(with_schedule("1f1b"));
  EXPECT_NEAR(work_s(step()), plain_s, 1e-9 * plain_s);
}

INSTANTIATE_TEST_SUITE_P(
    Schedules, StepOf,
    ::testing::Values(Choice{ScheduleKind::one_f_one_b, 1}, Choice{ScheduleKind::gpipe, 1},
                      Choice{ScheduleKind::interleaved_1f1b, 3}, Choice{ScheduleKind::one_f_one_b_overlap, 1},
                      Choice{ScheduleKind::one_f_one_b_overlap, 3}, Choice{ScheduleKind::zb1p, 1},
                      Choice{ScheduleKind::zbv, 1}, Choice{ScheduleKind::dualpipe, 1},
                      Choice{ScheduleKind::dualpipev, 1}),
    [](const auto& info) {
      return std::string(to_string(info.param.kind)) + "_vpp" + std::to_string(info.param.vpp);
    });

/// A model of 64 MoE layers alike without MTP module, so that stages are nearly even.
V3Step even_model(std::string_view name, int vpp = 1) {
  return with_schedule(name, vpp).set("/recipe/global_batch", "8192").model([](ModelSpec& model) {
    model.num_layers = 64;
    model.num_dense_layers = 0;
    model.mtp_depth = 0;
  });
}

TEST(Schedules, InterleavedBeatsPlainOneForwardOneBackward) {
  EXPECT_LT(even_model("interleaved_1f1b", 2).seconds(), even_model("1f1b").seconds());
}

/// Where nothing is transferred. A full backward hides transfers under its weight gradients, which separate
/// passes of inputs and weights cannot, so that with 14 ms of them in a layer the order may turn.
TEST(Schedules, ZeroBubbleComputesFasterThanOneForwardOneBackward) {
  const double plain_s = even_model("1f1b").seconds(kComputation);
  const double delayed_s = even_model("zb1p").seconds(kComputation);
  EXPECT_LT(delayed_s, plain_s);
  EXPECT_LT(even_model("zbv").seconds(kComputation), delayed_s);
}

/// Dispatch and combine of an MoE layer take 14 ms beside 31 ms of computation. Hidden under the other half
/// of a pair they are worth more than the SMs that pairs give them, with as many stages on a rank.
TEST(Schedules, OverlapOfTheAllToAllBeatsNone) {
  for (const int vpp : {2, 4}) {
    const V3Step overlapped = even_model("1f1b_overlap", vpp);
    const V3Step plain = even_model("interleaved_1f1b", vpp);
    EXPECT_LT(overlapped.seconds(), plain.seconds()) << vpp;
    const StepParts no_transfers{.expert_transfers = false};
    const double hidden_s = overlapped.seconds() - overlapped.seconds(no_transfers);
    const double exposed_s = plain.seconds() - plain.seconds(no_transfers);
    EXPECT_LT(hidden_s, 0.5 * exposed_s) << vpp;
  }
}

/// On one pipeline rank: neighbouring micro-batches of gradient accumulation.
TEST(Schedules, OverlapOnOneRankBeatsNoneToo) {
  const auto one_rank = [](std::string_view name) {
    return V3Step::plain()
        .much_memory()
        .assigned_stages()
        .set("/layout/schedule", name)
        .set("/layout/pp", "1")
        .set("/recipe/global_batch", "16384")
        .seconds();
  };
  EXPECT_LT(one_rank("1f1b_overlap"), one_rank("1f1b"));
}

/// DualPipeV has DualPipe's passes with each stage once: its reduction spans half the copies.
TEST(Schedules, DualPipeVReducesOverTheReplicasOfOneRank) {
  const TrainingInputs vee = with_schedule("dualpipev").inputs();
  const TrainingInputs both_ways = with_schedule("dualpipe").inputs();
  const auto copies = [](const TrainingInputs& inputs) {
    return num_copies(inputs.plan.groups, GroupKind::replicas, inputs.layout().schedule);
  };
  EXPECT_EQ(copies(vee), 128);
  EXPECT_EQ(copies(both_ways), 256);
  EXPECT_LT(vee.plan.memory.ranks[7].of(MemoryItem::weights),
            0.6 * both_ways.plan.memory.ranks[7].of(MemoryItem::weights));
}

TEST(Schedules, PairsInAnotherOrderThanTheStackSaysAreRefused) {
  for (const std::string_view name : {"1f1b_overlap", "dualpipev"}) {
    V3Step step =
        with_schedule(name).stack([](Stack& stack) { std::swap(stack.overlap[0], stack.overlap[1]); });
    EXPECT_THROW(step.inputs(), PlanError) << name;
  }
  EXPECT_NO_THROW(with_schedule("zbv")
                      .stack([](Stack& stack) { std::swap(stack.overlap[0], stack.overlap[1]); })
                      .inputs());
}

}  // namespace
}  // namespace moesim
