#include "sim/schedule/build_op_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/sim_schedule/unit_pipeline.hpp"

namespace moesim {
namespace {

using ::testing::HasSubstr;
using testing::unit_blocks;

constexpr ScheduleShape kTwoRanks{.kind = ScheduleKind::one_f_one_b, .num_ranks = 2, .num_microbatches = 1};
constexpr ScheduleShape kDualPipe{.kind = ScheduleKind::dualpipe, .num_ranks = 2, .num_microbatches = 6};

std::vector<std::pair<int, int>> dependencies(const OpGraph& graph, std::size_t rank, std::size_t index) {
  std::vector<std::pair<int, int>> pairs;
  for (const Dependency& d : graph.dependencies_of(graph.programs[rank][index])) {
    pairs.emplace_back(d.rank, static_cast<int>(d.index));
  }
  return pairs;
}

using Pairs = std::vector<std::pair<int, int>>;

// Rank 0: F, send, B. Rank 1: F, B, send.
TEST(BuildOpGraph, OneMicrobatchThroughTwoRanks) {
  const OpGraph graph = build_op_graph(kTwoRanks, unit_blocks(kTwoRanks, {}));
  ASSERT_EQ(graph.programs[0].size(), 3u);
  ASSERT_EQ(graph.programs[1].size(), 3u);
  EXPECT_EQ(dependencies(graph, 0, 0), Pairs{});          // the first stage waits for nobody
  EXPECT_EQ(dependencies(graph, 0, 1), (Pairs{{0, 0}}));  // the send for the forward
  EXPECT_EQ(dependencies(graph, 1, 0), (Pairs{{0, 1}}));  // the next stage for the send
  EXPECT_EQ(dependencies(graph, 1, 1), (Pairs{{1, 0}}));  // the last stage's backward for its own forward
  EXPECT_EQ(dependencies(graph, 1, 2), (Pairs{{1, 1}}));  // the send of the gradient
  EXPECT_EQ(dependencies(graph, 0, 2), (Pairs{{1, 2}}));  // and the backward that waits for it
  EXPECT_EQ(graph.programs[0][1].lane, Lane::send_forward);
  EXPECT_EQ(graph.programs[0][1].peer_rank, 1);
  EXPECT_EQ(graph.programs[1][2].lane, Lane::send_backward);
  EXPECT_EQ(graph.programs[1][2].peer_rank, 0);
}

TEST(BuildOpGraph, SendsWaitForTheNamedOutputAndBlocksKeepTheirOrder) {
  PassBlocks blocks = unit_blocks(kTwoRanks, {});
  blocks.stages[0].forward = {
      .operations = {{.cost = 0, .layer = 3},
                     {.cost = 5, .lane = Lane::communication, .layer = 3, .after = {0}},
                     {.cost = 0, .layer = 4}},
      .output_activation = 1};
  const OpGraph graph = build_op_graph(kTwoRanks, blocks);
  EXPECT_EQ(dependencies(graph, 0, 1), (Pairs{{0, 0}}));
  EXPECT_EQ(dependencies(graph, 0, 2), Pairs{});
  EXPECT_EQ(dependencies(graph, 0, 3), (Pairs{{0, 1}}));
  EXPECT_EQ(graph.programs[0][1].lane, Lane::communication);
  EXPECT_EQ(graph.programs[0][2].layer, 4);
}

TEST(BuildOpGraph, HalvesOfAPairCarryTheirOwnMicrobatch) {
  PassBlocks blocks = unit_blocks(kDualPipe, {});
  for (auto& [stages, pair] : blocks.forward_backward) {
    pair.operations = {{.cost = 0, .half = Half::forward, .needs_activation = true},
                       {.cost = 1, .half = Half::backward, .needs_gradient = true}};
    pair.output_activation = 0;
  }
  const OpGraph graph = build_op_graph(kDualPipe, blocks);
  // Passes of rank 0: 0:F0 1:F3 0:F1 1:B3 1:F4&0:B0 ...; F3 and its chunk's B3 are the last stage's; F4 too.
  // Operations: F0 send, F3, F1 send, B3 send, F4 B0.
  const std::vector<Operation>& program = graph.programs[0];
  EXPECT_EQ(program[7].pass, PassKind::forward_backward);
  EXPECT_EQ(program[7].microbatch, 4);
  EXPECT_EQ(program[8].microbatch, 0);
  EXPECT_EQ(graph.dependencies_of(program[7])[0].rank, 1);
  EXPECT_EQ(graph.dependencies_of(program[8])[0].rank, 1);
}

TEST(BuildOpGraph, WeightPassWaitsForItsBackward) {
  const OpGraph graph = build_op_graph(kDualPipe, unit_blocks(kDualPipe, {}));
  const std::vector<Operation>& program =
      graph.programs[0];  // ends with 0:b2 0:W2, stage 0 sends no gradient
  EXPECT_EQ(program.back().pass, PassKind::weight);
  EXPECT_EQ(program.back().microbatch, 2);
  const int last_backward = static_cast<int>(program.size()) - 2;
  EXPECT_EQ(dependencies(graph, 0, program.size() - 1), (Pairs{{0, last_backward}}));
}

TEST(BuildOpGraph, ReductionFollowsTheLastWeightGradientsAndTheStepEndsEveryProgram) {
  PassBlocks blocks = unit_blocks(kDualPipe, {});
  const Block reduce{.operations = {{.cost = 5, .lane = Lane::data_parallel, .needs_gradient = true}}};
  for (StageBlocks& stage : blocks.stages) stage.reduce_gradients = reduce;
  for (Block& tail : blocks.step_end) {
    tail.operations = {{.cost = 5, .lane = Lane::data_parallel, .needs_gradient = true},
                       {.cost = 0, .after = {0}}};
  }
  const OpGraph graph = build_op_graph(kDualPipe, blocks);
  // Rank 0 ends "... 1:B5, send, reduce of chunk 1, 0:b2, 0:W2, reduce of chunk 0, step end (2)".
  const std::vector<Operation>& program = graph.programs[0];
  const std::size_t n = program.size();
  const int last = static_cast<int>(n);
  EXPECT_EQ(program[n - 6].lane, Lane::data_parallel);
  EXPECT_EQ(dependencies(graph, 0, n - 6), (Pairs{{0, last - 8}}));
  EXPECT_EQ(dependencies(graph, 0, n - 3), (Pairs{{0, last - 4}}));
  EXPECT_EQ(dependencies(graph, 0, n - 2), (Pairs{{0, last - 4}}));
  EXPECT_EQ(dependencies(graph, 0, n - 1), (Pairs{{0, last - 2}}));
  EXPECT_EQ(program[n - 1].pass, PassKind::step_end);
  EXPECT_EQ(find_defect(graph), "");
}

// Stages 0 to 3 on ranks 0 1 1 0: the turn of the V needs no send, stage 2's forward waits for stage 1's.
TEST(BuildOpGraph, TurnOfTheVSendsNothing) {
  const ScheduleShape vee{ScheduleKind::zbv, 2, 1};
  const OpGraph graph = build_op_graph(vee, unit_blocks(vee, {}));
  // Rank 0: F0 send, F3, b3 send, W3, b0, W0. Rank 1: F1, F2 send, b2, W2, b1 send, W1.
  ASSERT_EQ(graph.programs[0].size(), 8u);
  ASSERT_EQ(graph.programs[1].size(), 8u);
  EXPECT_EQ(dependencies(graph, 1, 0), (Pairs{{0, 1}}));
  EXPECT_EQ(dependencies(graph, 1, 1), (Pairs{{1, 0}}));
  EXPECT_EQ(graph.programs[1][2].peer_rank, 0);
  EXPECT_EQ(dependencies(graph, 0, 2), (Pairs{{1, 2}}));  // stage 3
  EXPECT_EQ(dependencies(graph, 0, 3), (Pairs{{0, 2}}));  // its backward: the last stage's own forward
  EXPECT_EQ(dependencies(graph, 1, 5), (Pairs{{1, 3}}));  // backward of stage 1: that of stage 2
}

// Stages 0 to 3 on ranks 0 1 0 1: activations go from the last rank to the first one, gradients back.
TEST(BuildOpGraph, LoopSendsFromTheLastRankToTheFirst) {
  const ScheduleShape loop{ScheduleKind::interleaved_1f1b, 2, 2, 2};
  const OpGraph graph = build_op_graph(loop, unit_blocks(loop, {}));
  int wrapped = 0;
  for (const Operation& op : graph.programs[1]) {
    if (op.lane == Lane::send_forward) {
      EXPECT_EQ(op.peer_rank, 0);
      ++wrapped;
    }
  }
  EXPECT_EQ(wrapped, 2);  // stage 1 to stage 2, for two micro-batches; stage 3 is the last
}

TEST(BuildOpGraph, OneRankSendsNothing) {
  const OpGraph graph =
      build_op_graph({ScheduleKind::one_f_one_b, 1, 3}, unit_blocks({ScheduleKind::one_f_one_b, 1, 3}, {}));
  EXPECT_EQ(graph.num_operations(), 6u);
  EXPECT_EQ(find_defect(graph), "");
}

std::string refusal(const ScheduleShape& shape, const PassBlocks& blocks) {
  try {
    (void)build_op_graph(shape, blocks);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BuildOpGraph, RefusesWhatDoesNotFit) {
  const PassBlocks good = unit_blocks(kTwoRanks, {});
  EXPECT_THAT(refusal({ScheduleKind::dualpipe, 2, 3}, good), HasSubstr("even number of micro-batches"));
  EXPECT_THAT(refusal({ScheduleKind::one_f_one_b, 3, 3}, good), HasSubstr("2 stages"));
  PassBlocks blocks = good;
  blocks.stages[1].backward.operations.clear();
  EXPECT_EQ(refusal(kTwoRanks, blocks), "stage 1: backward is empty");
  blocks = good;
  blocks.stages[0].forward.operations[0].after = {0};
  EXPECT_THAT(refusal(kTwoRanks, blocks), HasSubstr("not earlier"));
  blocks = good;
  blocks.stages[0].forward.output_activation = 1;
  EXPECT_THAT(refusal(kTwoRanks, blocks), HasSubstr("output 1"));
  blocks = good;
  blocks.step_end[1].operations = {{.cost = 9}};
  EXPECT_THAT(refusal(kTwoRanks, blocks), HasSubstr("step_end of rank 1"));
  blocks = unit_blocks(kDualPipe, {});
  blocks.forward_backward.erase({0, 1});
  EXPECT_EQ(refusal(kDualPipe, blocks), "forward of stage 0 beside backward of stage 1: is empty");
}

}  // namespace
}  // namespace moesim
