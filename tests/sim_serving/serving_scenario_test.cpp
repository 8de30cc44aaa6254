#include "sim/serving/serving_scenario.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {
namespace {

constexpr const char* kText = R"({
  "schema_version": 1, "kind": "serving", "model": "deepseek-v3", "cluster": "h200-256",
  "calibration": "h200-sxm", "stack": "sglang",
  "deployment": {"node": {"layout": {"gpus": 8, "tp": 8}}},
  "workload": {"concurrency": 4, "input_tokens": 128, "output_tokens": 32}})";

ServingScenario read(const std::string& patch = "{}") {
  Json document = Json::parse(kText);
  document.merge_patch(Json::parse(patch));
  return read_spec<ServingScenario>(document, "case.json");
}

std::string fault_of(const std::string& patch) {
  try {
    read(patch);
  } catch (const SpecError& error) {
    return error.pointer;
  }
  return "none";
}

std::vector<std::string> violations_of(const std::string& patch) {
  std::vector<std::string> places;
  for (const auto& violation : plan_serving(read(patch), "case.json").violations)
    places.push_back(violation.pointer);
  return places;
}

using Places = std::vector<std::string>;

TEST(ServingScenario, NeedsPoolsWithClusterCalibrationAndStack) {
  EXPECT_EQ(fault_of(R"({"deployment": {"node": null}})"), "/deployment");
  EXPECT_EQ(fault_of(R"({"cluster": null})"), "/deployment/node");
  EXPECT_EQ(fault_of(R"({"stack": null})"), "/deployment/node");
  EXPECT_EQ(fault_of(R"({"stack": null, "deployment": {"node": {"stack": "sglang"}}})"), "none");
}

TEST(ServingScenario, RolesGoTogether) {
  EXPECT_EQ(fault_of(R"({"deployment": {"p": {"role": "prefill", "layout": {"gpus": 8}}}})"), "/deployment");
  EXPECT_EQ(fault_of(R"({"deployment": {"p": {"role": "prefill", "layout": {"gpus": 8}},
                                        "d": {"role": "decode", "layout": {"gpus": 8}}}})"),
            "none");
}

TEST(ServingScenario, Ends) {
  EXPECT_EQ(fault_of(R"({"workload": {"concurrency": null, "saturated": true}})"), "/workload");
  EXPECT_EQ(fault_of(R"({"workload": {"concurrency": null, "saturated": true, "duration": "10 s"}})"),
            "none");
}

TEST(ServingScenario, FailuresNamePoolsAndUnits) {
  EXPECT_EQ(fault_of(R"({"failures": [{"at": "1 s", "pool": "other"}]})"), "/failures/0/pool");
  EXPECT_EQ(violations_of(R"({"failures": [{"at": "1 s", "pool": "node", "unit": 1}]})"),
            Places{"/failures/0/unit"});
}

TEST(ServingInputs, AClosedLoopSendsTenRequestsForEachInFlight) {
  EXPECT_EQ(plan_serving(read(), "case.json").inputs->scenario.workload.requests, 40);
  EXPECT_EQ(
      plan_serving(read(R"({"workload": {"requests": 7}})"), "case.json").inputs->scenario.workload.requests,
      7);
}

TEST(ServingInputs, FleetsFitTheirClusters) {
  EXPECT_EQ(violations_of("{}"), Places{});
  EXPECT_EQ(violations_of(R"({"deployment": {"node": {"units": 33}}})"), Places{"/deployment"});
}

TEST(ServingInputs, EverythingIsToldAtOnce) {
  // 128 heads do not split over 48 GPUs; 48 GPUs do not fit a node either, and no node has 192 GPUs.
  EXPECT_EQ(
      violations_of(R"({"deployment": {"node": {"layout": {"gpus": 384, "tp": 48}, "kv_tokens": 3}}})"),
      (Places{"/deployment/node/layout/tp", "/deployment/node/layout/ep", "/deployment/node/layout/gpus",
              "/deployment/node/layout/tp", "/deployment/node/kv_tokens", "/deployment"}));
}

TEST(ServingInputs, PoolsMayDifferInClusterCalibrationAndStack) {
  const ServingPlan plan =
      plan_serving(read(R"({"deployment": {"fast": {"layout": {"gpus": 8, "tp": 8}, "cluster": "b200-64",
                                       "calibration": "b200-sxm"}}})"),
                   "case.json");
  ASSERT_EQ(plan.inputs->pools.size(), 2U);
  EXPECT_EQ(plan.inputs->pools[0]->name, "fast");
  EXPECT_EQ(plan.inputs->pools[0]->cluster.name, "b200-64");
  EXPECT_EQ(plan.inputs->pools[1]->cluster.name, "h200-256");
  EXPECT_TRUE(plan.violations.empty());
}

}  // namespace
}  // namespace moesim
