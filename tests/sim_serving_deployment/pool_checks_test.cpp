#include "sim/serving/deployment/pool_checks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace moesim {
namespace {

PoolSpec pool(int gpus, int tp, int ep, int redundant = 0) {
  PoolSpec spec;
  spec.layout = {gpus, tp, ep, redundant};
  return spec;
}

std::vector<std::string> places(const PoolSpec& spec, const char* model = "deepseek-v3",
                                const char* cluster = "h800-2048") {
  std::vector<std::string> found;
  for (const auto& violation : find_violations(load_model(model), load_cluster(cluster), spec, "/p"))
    found.push_back(violation.pointer);
  return found;
}

using Places = std::vector<std::string>;

TEST(PoolChecks, PublishedDeploymentsAreSound) {
  EXPECT_EQ(places(pool(32, 1, 32, 32)), Places{});
  EXPECT_EQ(places(pool(144, 1, 144, 32)), Places{});
  EXPECT_EQ(places(pool(320, 4, 320, 64)), Places{});
  EXPECT_EQ(places(pool(8, 8, 1), "qwen3-235b-a22b"), Places{});
  EXPECT_EQ(places(pool(4, 4, 1), "llama-3.1-70b", "h100-128"), Places{});
}

TEST(PoolChecks, SlotsFillEveryGroup) {
  EXPECT_EQ(places(pool(144, 1, 144, 0)), Places{"/p/layout/redundant_experts"});
}

TEST(PoolChecks, UnitsAreWholeNodesOrEvenParts) {
  EXPECT_EQ(places(pool(12, 1, 12, 8)), Places{"/p/layout/gpus"});
  EXPECT_EQ(places(pool(4096, 1, 4096, 3840)), Places{"/p/layout/gpus"});
  EXPECT_EQ(places(pool(16, 16, 16)), Places{"/p/layout/tp"});
}

TEST(PoolChecks, EverythingIsToldAtOnce) {
  PoolSpec spec = pool(24, 24, 24);
  spec.speculation = {1, {0.9}};
  spec.kv_format = NumberFormat::fp32;
  EXPECT_EQ(places(spec, "qwen3-235b-a22b"),
            (Places{"/p/layout/tp", "/p/layout/redundant_experts", "/p/layout/tp", "/p/speculation/drafts",
                    "/p/kv_format"}));
}

TEST(PoolChecks, DenseModelsHaveNoExperts) {
  EXPECT_EQ(places(pool(8, 1, 8), "llama-3.1-70b"), (Places{"/p/layout/ep", "/p/layout/tp"}));
}

TEST(PoolChecks, MemoryIsToldByItem) {
  const PoolSpec spec = pool(8, 8, 1);
  const auto memory = unit_memory(load_model("deepseek-v3"), load_cluster("h800-2048"), spec, {});
  const auto found = find_memory_violations(memory, spec, "/p");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].what.find("routed_experts"), std::string::npos);
}

}  // namespace
}  // namespace moesim
