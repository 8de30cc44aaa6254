// What published comparisons of layouts and scales say must come out, on the shipped scenarios.
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

/// A value of the scenario, by pointer.
struct Change {
  const char* pointer;
  Json value;
};

/// Causal MFU of a shipped scenario with changes, by the replay engine.
double mfu(const std::string& name, const std::vector<Change>& changes = {}) {
  const std::string file = "workloads/scenarios/" + name + ".json";
  Json scenario = read_json_file(file);
  scenario["engine"] = "replay";
  scenario.erase("published");
  for (const Change& change : changes) scenario[Json::json_pointer(change.pointer)] = change.value;
  NullSink sink;
  return run_scenario(scenario, file, {}, sink)["summary"]["mfu_causal"];
}

Json h100s(int num_nodes) {
  return {{"base", "h100-1024"}, {"num_nodes", num_nodes}};
}

// MoE Parallel Folding, arXiv 2504.14960, Table 4: 1,024 sequences on 128 to 1,024 GPUs.
TEST(PublishedOrders, MfuFallsWithEachDoublingAndTheFallGrows) {
  constexpr std::array kPublished{0.494, 0.480, 0.455, 0.423};
  std::vector<double> found;
  for (const int nodes : {16, 32, 64, 128}) {
    found.push_back(mfu("mixtral-8x22b-128xh100", {{"/cluster", h100s(nodes)}}));
    EXPECT_NEAR(found.back() / kPublished[found.size() - 1], 1, 0.08) << nodes;
  }
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_LT(found[i], found[i - 1]);
  for (std::size_t i = 2; i < found.size(); ++i) {
    EXPECT_GT(found[i - 1] - found[i], found[i - 2] - found[i - 1]);
  }
  EXPECT_NEAR(found.back() / found.front() / (kPublished.back() / kPublished.front()), 1, 0.04);
}

// The same paper, Table 1: experts folded over tensor-parallel ranks instead of split.
TEST(PublishedOrders, FoldedExpertsBeatSplitOnes) {
  EXPECT_GT(mfu("qwen3-235b-256xh100"), mfu("qwen3-235b-256xh100", {{"/layout/ep", 16}, {"/layout/etp", 2}}));
  EXPECT_GT(mfu("mixtral-8x22b-128xh100", {{"/layout/ep", 8}, {"/layout/etp", 1}}),
            mfu("mixtral-8x22b-128xh100"));
}

TEST(PublishedOrders, OverlapOfTheAllToAllBeatsNone) {
  EXPECT_GT(mfu("qwen3-235b-256xh100", {{"/layout/schedule", "1f1b_overlap"}}), mfu("qwen3-235b-256xh100"));
}

TEST(PublishedOrders, InterleavedBeatsPlain) {
  EXPECT_GT(mfu("mixtral-8x22b-128xh100"),
            mfu("mixtral-8x22b-128xh100", {{"/layout/schedule", "1f1b"}, {"/layout/vpp", 1}}));
}

}  // namespace
}  // namespace moesim
