#include "sim/schedule/op_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace moesim {
namespace {

using ::testing::HasSubstr;

/// Writes graphs by hand: add(rank, lane, {dependencies}).
class DefectTest : public ::testing::Test {
 protected:
  DefectTest() {
    graph_.costs.push_back({.work_s = 1});
    graph_.costs.push_back({.nic_B = 1});
    graph_.programs.resize(2);
  }

  Operation& add(std::size_t rank, Lane lane, const std::vector<Dependency>& after = {}) {
    Operation op{.cost = lane == Lane::computation ? 0u : 1u, .lane = lane};
    op.first_dependency = static_cast<std::uint32_t>(graph_.dependencies.size());
    op.num_dependencies = static_cast<std::uint16_t>(after.size());
    graph_.dependencies.insert(graph_.dependencies.end(), after.begin(), after.end());
    graph_.programs[rank].push_back(op);
    return graph_.programs[rank].back();
  }

  OpGraph graph_;
};

TEST_F(DefectTest, SoundGraphHasNone) {
  add(0, Lane::computation);
  add(0, Lane::send_forward, {{0, 0}}).peer_rank = 1;
  add(1, Lane::computation, {{0, 1}});
  EXPECT_EQ(find_defect(graph_), "");
  EXPECT_EQ(graph_.num_operations(), 3u);
}

TEST_F(DefectTest, EmptyGraphHasNone) {
  EXPECT_EQ(find_defect(OpGraph{}), "");
}

TEST_F(DefectTest, MutualDependencyIsACycle) {
  add(0, Lane::computation, {{1, 0}});
  add(1, Lane::computation, {{0, 0}});
  EXPECT_THAT(find_defect(graph_), HasSubstr("can never start"));
}

// Rank 0 computes a, then b; a waits for rank 1, which waits for b: only the lane order closes the circle.
TEST_F(DefectTest, CycleThroughALaneOrder) {
  add(0, Lane::computation, {{1, 0}});
  add(0, Lane::computation);
  add(1, Lane::computation, {{0, 1}});
  EXPECT_THAT(find_defect(graph_), HasSubstr("operation 0 of rank 0"));
}

// The host waits for a before it issues b on another lane, and a waits for b.
TEST_F(DefectTest, CycleThroughTheHost) {
  add(0, Lane::computation, {{0, 1}});
  add(0, Lane::communication);
  EXPECT_EQ(find_defect(graph_), "");
  graph_.costs[0].host_waits = true;
  EXPECT_THAT(find_defect(graph_), HasSubstr("can never start"));
}

TEST_F(DefectTest, IndicesOutOfRange) {
  add(0, Lane::computation, {{1, 0}});
  EXPECT_THAT(find_defect(graph_), HasSubstr("does not exist"));
  graph_.dependencies[0] = {2, 0};
  EXPECT_THAT(find_defect(graph_), HasSubstr("does not exist"));
  graph_.programs[0][0].num_dependencies = 2;
  EXPECT_THAT(find_defect(graph_), HasSubstr("dependencies 0 to 2 of 1"));
  graph_.programs[0][0].cost = 2;
  EXPECT_THAT(find_defect(graph_), HasSubstr("cost 2 of 2"));
}

TEST_F(DefectTest, PeersThatCannotReceive) {
  Operation& send = add(0, Lane::send_forward);
  for (const int peer : {0, 2, -2}) {
    send.peer_rank = static_cast<std::int16_t>(peer);
    EXPECT_THAT(find_defect(graph_), HasSubstr("peer rank")) << peer;
  }
  add(1, Lane::communication).peer_rank = 0;
  send.peer_rank = 1;
  EXPECT_THAT(find_defect(graph_), HasSubstr("outside the send lanes"));
}

TEST_F(DefectTest, CostsOnTheWrongLane) {
  Operation& op = add(0, Lane::communication);
  op.cost = 0;
  EXPECT_THAT(find_defect(graph_), HasSubstr("work outside the computation lane"));
  op.cost = 1;
  op.lane = Lane::computation;
  EXPECT_THAT(find_defect(graph_), HasSubstr("bytes on the computation lane"));
}

TEST_F(DefectTest, CostsThatAreNoAmounts) {
  for (const double bad :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    graph_.costs[1].delay_s = bad;
    EXPECT_THAT(find_defect(graph_), HasSubstr("delay_s"));
  }
  graph_.costs[1].delay_s = 0;
  for (const double bad : {0.0, 1.5}) {
    graph_.costs[0].overlapped_rate = bad;
    EXPECT_THAT(find_defect(graph_), HasSubstr("overlapped_rate"));
  }
}

TEST(Names, CoverEveryValue) {
  EXPECT_STREQ(to_string(Phase::attention_forward), "attention_forward");
  EXPECT_STREQ(to_string(Phase::dispatch_backward), "dispatch_backward");
  EXPECT_STREQ(to_string(Phase::optimizer), "optimizer");
  EXPECT_STREQ(to_string(Lane::data_parallel), "data_parallel");
  EXPECT_STREQ(to_string(PassKind::step_end), "step_end");
}

}  // namespace
}  // namespace moesim
