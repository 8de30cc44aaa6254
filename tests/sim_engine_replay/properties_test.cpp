#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <thread>

#include "base/error.hpp"
#include "tests/sim_engine_replay/graph_builder.hpp"
#include "tests/sim_engine_replay/pipeline_step.hpp"

namespace moesim::test {
namespace {

struct Shape {
  int ranks, microbatches, layers, members, columns;
};

class ReplayProperties : public ::testing::TestWithParam<Shape> {
 protected:
  ReplayProperties()
      : step_({ScheduleKind::dualpipe, GetParam().ranks, GetParam().microbatches}, GetParam().layers) {}
  [[nodiscard]] EngineInput input() const {
    EngineInput in = step_.input(GetParam().members, GetParam().columns, 0.05);
    in.jitter_sigma = 0.02;
    return in;
  }
  PipelineStep step_;
};

/// The longest chain of dependencies and lane orders with every operation alone on a nominal GPU.
double critical_path_s(const OpGraph& graph, const GpuState& gpu) {
  std::vector<std::vector<double>> ends(graph.num_ranks());
  for (std::size_t r = 0; r < ends.size(); ++r) ends[r].assign(graph.programs[r].size(), -1);
  const auto alone_s = [&](const OperationCost& c) {
    return c.delay_s + std::max({c.work_s, c.nic_B / gpu.nic_out_Bps, c.nvlink_B / gpu.nvlink_Bps});
  };
  double longest = 0;
  for (bool again = true; again;) {  // until no end is missing
    again = false;
    for (std::size_t r = 0; r < ends.size(); ++r) {
      std::array<double, kNumLanes> lane_end{};
      for (std::size_t i = 0; i < ends[r].size(); ++i) {
        const Operation& op = graph.programs[r][i];
        double& before = lane_end[static_cast<std::size_t>(op.lane)];
        double start = before;
        for (const Dependency& d : graph.dependencies_of(op)) {
          const double end = ends[static_cast<std::size_t>(d.rank)][d.index];
          start = end < 0 || start < 0 ? -1 : std::max(start, end);
        }
        again |= start < 0;
        before = ends[r][i] = start < 0 ? -1 : start + alone_s(graph.cost_of(op));
        longest = std::max(longest, before);
      }
    }
  }
  return longest;
}

TEST_P(ReplayProperties, MakespanIsAtLeastCriticalPathAndBusiestLane) {
  EngineInput in = input();
  in.jitter_sigma = 0;
  for (GpuState& gpu : in.gpus) gpu.expert_load = 1;
  const EngineResult r = replay(in);
  EXPECT_GE(r.makespan_s, critical_path_s(step_.graph(), in.gpus[0]));
  for (const RankTimes& times : r.ranks) {
    for (const double busy_s : times.busy_s) EXPECT_LE(busy_s, r.makespan_s * (1 + 1e-12));
    EXPECT_GE(times.idle_s, 0);
    EXPECT_GE(times.exposed_communication_s, 0);
  }
}

TEST_P(ReplayProperties, FasterLinksAreNeverSlower) {
  EngineInput in = input();
  double before_s = replay(in).makespan_s;
  for (double GpuState::*link : {&GpuState::nic_out_Bps, &GpuState::nic_in_Bps, &GpuState::nvlink_Bps}) {
    for (GpuState& gpu : in.gpus) gpu.*link *= 1.5;
    const double after_s = replay(in).makespan_s;
    EXPECT_LE(after_s, before_s * (1 + 1e-12));
    before_s = after_s;
  }
}

TEST_P(ReplayProperties, ThreadsChangeNoBit) {
  EngineInput in = input();
  MemorySink one;
  const EngineResult a = make_replay_engine()->run(in, one);
  in.threads = 2;
  MemorySink two;
  const EngineResult b = make_replay_engine()->run(in, two);
  EXPECT_EQ(a.gpu_end_s, b.gpu_end_s);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a.makespan_s), std::bit_cast<std::uint64_t>(b.makespan_s));
  ASSERT_EQ(one.spans().size(), two.spans().size());
  EXPECT_EQ(one.spans().size(), step_.graph().num_operations());
  for (std::size_t i = 0; i < one.spans().size(); ++i) {
    EXPECT_EQ(one.spans()[i].end_s, two.spans()[i].end_s);
    EXPECT_GE(one.spans()[i].end_s, one.spans()[i == 0 ? 0 : i - 1].end_s);
  }
}

TEST_P(ReplayProperties, EqualGpusEndLikeRepresentatives) {
  const EngineResult all = replay(step_.input(GetParam().members, GetParam().columns, 0));
  const EngineResult few = replay(step_.input(1, 1, 0));
  EXPECT_DOUBLE_EQ(all.makespan_s, few.makespan_s);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ReplayProperties,
                         ::testing::Values(Shape{2, 4, 1, 1, 1}, Shape{2, 8, 2, 4, 2}, Shape{4, 10, 1, 3, 4},
                                           Shape{8, 20, 3, 2, 3}));

TEST(ReplayInput, WrongNumberOfGpusIsARunError) {
  GraphBuilder g(2);
  g.compute(0, 1);
  EngineInput in = g.input();
  in.gpus.pop_back();
  EXPECT_THROW(replay(in), RunError);
}

TEST(ReplayInput, ZeroBandwidthIsARunErrorThatNamesTheOperation) {
  GraphBuilder g(2);
  g.send(0, 1, 10);
  EngineInput in = g.input();
  in.gpus[1].nic_in_Bps = 0;
  try {
    replay(in);
    FAIL();
  } catch (const RunError& e) {
    EXPECT_NE(std::string(e.what()).find("rank 0 operation 0 (send_activation"), std::string::npos)
        << e.what();
  }
}

TEST(ReplayProgress, AscendsInTheCallingThread) {
  const PipelineStep step({ScheduleKind::dualpipe, 2, 4}, 1);
  for (const int threads : {1, 2}) {
    EngineInput in = step.input(2, 5, 0.05);
    in.threads = threads;
    std::vector<double> told;
    const auto caller = std::this_thread::get_id();
    in.progress = [&](double fraction) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      told.push_back(fraction);
    };
    replay(in);
    ASSERT_FALSE(told.empty());
    EXPECT_TRUE(std::ranges::is_sorted(told));
    EXPECT_GT(told.front(), 0);
    EXPECT_LE(told.back(), 1);
    if (threads == 1) {
      EXPECT_EQ(told, (std::vector<double>{0.2, 0.4, 0.6, 0.8, 1}));
    }
  }
}

TEST(ReplayInput, NoOperationsIsAnEmptyStep) {
  GraphBuilder g(2);
  EXPECT_EQ(replay(g.input()).makespan_s, 0);
}

}  // namespace
}  // namespace moesim::test
