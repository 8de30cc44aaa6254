#include "sim/planner/search/serving_space.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

Json fleet() {
  return read_json_file("workloads/scenarios/deepseek-v3-fleet-512xh800.json");
}

const Json& at(const Json& scenario, const char* pointer) {
  return scenario.at(Json::json_pointer(pointer));
}

// DeepSeek-V3 has 256 experts: 144 groups need 2 slots each, 288 in all; 32 groups 8, with one more 288.
TEST(ServingSpace, SlotsAndGroupsFollowTheUnit) {
  const std::vector<Axis> axes{{"/deployment/@decode/layout/gpus", {144, 32}},
                               {"/deployment/@decode/layout/ep", {"gpus"}},
                               {"/deployment/@decode/layout/redundant_experts", {"+0", "+1"}}};
  const ServingSpace space(fleet(), "f", axes, std::nullopt, false);
  ASSERT_EQ(space.num_points(), 4U);
  const Json wide = space.scenario_of(space.at(0));
  EXPECT_EQ(at(wide, "/deployment/decode/layout/ep"), 144);
  EXPECT_EQ(at(wide, "/deployment/decode/layout/redundant_experts"), 32);
  const Json narrow = space.scenario_of(space.at(3));
  EXPECT_EQ(at(narrow, "/deployment/decode/layout/ep"), 32);
  EXPECT_EQ(at(narrow, "/deployment/decode/layout/redundant_experts"), 32);
}

// A quarter of 1,024 GPUs are 8 units of 32; 768 left hold 5 units of 144.
TEST(ServingSpace, SharesOutGpus) {
  const std::vector<Axis> axes{{"/@prefill_share", {0.25, 0.99}}};
  const ServingSpace space(fleet(), "f", axes, 1024, false);
  const Json shared = space.scenario_of(space.at(0));
  EXPECT_EQ(at(shared, "/deployment/prefill/units"), 8);
  EXPECT_EQ(at(shared, "/deployment/decode/units"), 5);
  EXPECT_EQ(space.at(1).reason, "no room for a unit of every pool");
}

// 7 x 32 of 2 x 144 + 7 x 32 GPUs is 0.4375; of 512 that is 7 units.
TEST(ServingSpace, WithoutAnAxisTheScenariosOwnShareStays) {
  const ServingSpace space(fleet(), "f", {}, 512, false);
  EXPECT_EQ(space.num_points(), 1U);
  EXPECT_EQ(at(space.scenario_of(space.at(0)), "/deployment/prefill/units"), 7);
  EXPECT_EQ(at(space.scenario_of(space.at(0)), "/deployment/decode/units"), 2);
}

TEST(ServingSpace, RolesThatNoPoolHas) {
  const std::vector<Axis> axes{{"/deployment/@colocated/layout/tp", {1, 2}}};
  EXPECT_THROW(ServingSpace(fleet(), "f", axes, std::nullopt, false), SpecError);
  EXPECT_EQ(ServingSpace(fleet(), "f", axes, std::nullopt, true).num_points(), 1U);
  const std::vector<Axis> unknown{{"/deployment/@decoding/layout/tp", {1, 2}}};
  EXPECT_THROW(ServingSpace(fleet(), "f", unknown, std::nullopt, true), SpecError);
}

TEST(ServingSpace, SharesNeedGpus) {
  const std::vector<Axis> axes{{"/@prefill_share", {0.5}}};
  EXPECT_THROW(ServingSpace(fleet(), "f", axes, std::nullopt, false), SpecError);
}

}  // namespace
}  // namespace moesim
