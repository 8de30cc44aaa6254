#include "sim/plan/process_groups.hpp"

#include <gtest/gtest.h>

#include <set>

namespace moesim {
namespace {

Layout layout(int tp, int cp, int pp, int ep, int etp) {
  Layout made;
  made.tp = tp;
  made.cp = cp;
  made.pp = pp;
  made.ep = ep;
  made.etp = etp;
  return made;
}

TEST(ProcessGroups, OfDeepSeekV3) {
  const ProcessGroups groups(layout(1, 1, 16, 64, 1), 2048);
  EXPECT_EQ(groups.size(GroupKind::data), 128);
  EXPECT_EQ(groups.size(GroupKind::expert_data), 2);
  EXPECT_EQ(groups.num_groups(GroupKind::expert), 32);
  // An expert group fills 8 nodes; replicas outside experts fill the 16 nodes of a stage; a pipeline visits
  // 16 nodes.
  EXPECT_EQ(groups.span(GroupKind::expert, 8).num_nodes, 8);
  EXPECT_EQ(groups.span(GroupKind::expert, 8).members_per_node, 8);
  EXPECT_EQ(groups.span(GroupKind::replicas, 8).num_nodes, 16);
  EXPECT_EQ(groups.span(GroupKind::expert_data, 8).members_per_node, 1);
  EXPECT_EQ(groups.span(GroupKind::pipeline, 8).num_nodes, 16);
  EXPECT_EQ(groups.pipeline_rank(Rank(129)), 1);
}

TEST(ProcessGroups, ExpertsFoldIndependentlyOfAttention) {
  // tp 2 cp 2 dp 4 pp 2 beside etp 1 ep 8 edp 2 pp 2 on 32 ranks.
  const ProcessGroups groups(layout(2, 2, 2, 8, 1), 32);
  EXPECT_EQ(groups.group_of(GroupKind::tensor, Rank(5)), (std::vector{Rank(4), Rank(5)}));
  EXPECT_EQ(groups.group_of(GroupKind::context, Rank(5)), (std::vector{Rank(5), Rank(7)}));
  EXPECT_EQ(groups.group_of(GroupKind::data, Rank(5)), (std::vector{Rank(1), Rank(5), Rank(9), Rank(13)}));
  EXPECT_EQ(groups.group_of(GroupKind::expert, Rank(5)).front(), Rank(0));
  EXPECT_EQ(groups.group_of(GroupKind::expert, Rank(5)).back(), Rank(7));
  EXPECT_EQ(groups.group_of(GroupKind::expert_data, Rank(21)), (std::vector{Rank(21), Rank(29)}));
  EXPECT_EQ(groups.group_of(GroupKind::pipeline, Rank(5)), (std::vector{Rank(5), Rank(21)}));
}

class EveryLayout : public testing::TestWithParam<Layout> {};

TEST_P(EveryLayout, GroupsOfAKindPartitionTheRanks) {
  const ProcessGroups groups(GetParam(), 96);
  for (const auto& [kind, name] : kGroupNames) {
    std::set<Rank> seen;
    for (const auto& group : groups.groups(kind)) {
      EXPECT_EQ(static_cast<int>(group.size()), groups.size(kind)) << name;
      seen.insert(group.begin(), group.end());
    }
    EXPECT_EQ(static_cast<int>(seen.size()), 96) << name;
    EXPECT_EQ(groups.num_groups(kind) * groups.size(kind), 96) << name;
  }
}

// Ranks are symmetric: starting from any member gives the same group, and shifting all ranks by whole stages
// or whole replicas maps groups onto groups.
TEST_P(EveryLayout, PermutingSymmetricRanksChangesNothing) {
  const ProcessGroups groups(GetParam(), 96);
  const int per_stage = 96 / GetParam().pp;
  for (const auto& [kind, name] : kGroupNames) {
    for (int r = 0; r < 96; ++r) {
      const auto group = groups.group_of(kind, Rank(r));
      EXPECT_EQ(group[static_cast<std::size_t>(groups.index_in(kind, Rank(r)))], Rank(r)) << name;
      for (Rank member : group) EXPECT_EQ(groups.group_of(kind, member), group) << name;
      if (kind == GroupKind::pipeline || r + per_stage >= 96) continue;
      auto shifted = groups.group_of(kind, Rank(r + per_stage));
      for (Rank& member : shifted) member.value -= per_stage;
      EXPECT_EQ(shifted, group) << name;
    }
  }
}

TEST_P(EveryLayout, AttentionAndExpertGroupsStayInsideAStage) {
  const ProcessGroups groups(GetParam(), 96);
  for (const auto& [kind, name] : kGroupNames) {
    if (kind == GroupKind::pipeline) continue;
    for (const auto& group : groups.groups(kind)) {
      for (Rank member : group)
        EXPECT_EQ(groups.pipeline_rank(member), groups.pipeline_rank(group[0])) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, EveryLayout,
                         testing::Values(layout(1, 1, 1, 1, 1), layout(2, 1, 3, 8, 2), layout(4, 2, 2, 16, 1),
                                         layout(1, 3, 4, 24, 1), layout(2, 2, 6, 2, 4),
                                         layout(8, 1, 1, 3, 4)));

}  // namespace
}  // namespace moesim
