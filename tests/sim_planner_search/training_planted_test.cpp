// A better option planted by cluster data alone moves the winner.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/sim_planner_search/training_spaces.hpp"

namespace moesim {
namespace {

/// The expert parallelism that is best for Qwen3-235B-A22B on this cluster.
int best_expert_parallelism(const Json& cluster) {
  tests::LayoutSpace space = tests::shipped_space("qwen3-235b-256xh100");
  space.scenario["recipe"]["global_batch"] = 512;
  space.scenario["cluster"] = cluster;
  space.search.axes = {{"/layout/ep", {8, 16, 32}}};
  const Json best = search_training(space.scenario, space.file, space.search)["summary"]["best"];
  EXPECT_EQ(best.size(), 3U);
  return best[0]["layout"]["ep"].get<int>();
}

// More expert parallelism gives each expert more tokens at a time, which its GEMMs run faster. With nodes of
// 8 GPUs only 8 ranks exchange them over NVLink alone, and what the NICs take is more than that gain.
TEST(PlantedOption, NodesOfEightGpusKeepExpertsInside) {
  EXPECT_EQ(best_expert_parallelism({{"base", "h100-1024"}, {"num_nodes", 32}}), 8);
}

TEST(PlantedOption, LargerNvlinkDomainMovesTheWinner) {
  const Json base{{"base", "h100-1024"}};
  Json domain = base;
  domain.update({{"num_nodes", 16}, {"gpus_per_node", 16}});
  EXPECT_EQ(best_expert_parallelism(domain), 16);
  domain.update({{"num_nodes", 8}, {"gpus_per_node", 32}});
  EXPECT_EQ(best_expert_parallelism(domain), 32);
}

// Four times the NICs: the exchange across nodes costs less than large GEMMs gain.
TEST(PlantedOption, FasterNicMovesTheWinner) {
  const Json nic{{"bandwidth", "1600 Gb/s"}};
  EXPECT_EQ(best_expert_parallelism({{"base", "h100-1024"}, {"num_nodes", 32}, {"nic", nic}}), 32);
}

}  // namespace
}  // namespace moesim
