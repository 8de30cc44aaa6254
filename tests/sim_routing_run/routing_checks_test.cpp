#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.hpp"
#include "sim/routing_run/routing_checks.hpp"
#include "tests/sim_routing_run/small_scenario.hpp"

namespace moesim {
namespace {

std::vector<std::string> pointers_of(const char* changes) {
  std::vector<std::string> pointers;
  for (const auto& violation : plan_routing(test::small_scenario(changes), test::kFile).violations) {
    EXPECT_FALSE(violation.what.empty());
    EXPECT_FALSE(violation.hint.empty()) << violation.what;
    pointers.push_back(violation.pointer);
  }
  return pointers;
}

TEST(RoutingChecks, TheSmallScenarioIsSound) {
  EXPECT_TRUE(pointers_of("{}").empty());
}

struct Refused {
  const char* name;
  const char* changes;
  const char* pointer;
};
class RefusedScenario : public testing::TestWithParam<Refused> {};

TEST_P(RefusedScenario, NamesThePlace) {
  EXPECT_EQ(pointers_of(GetParam().changes), std::vector<std::string>{GetParam().pointer});
  EXPECT_THROW(load_routing(test::small_scenario(GetParam().changes), test::kFile), PlanError);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, RefusedScenario,
    testing::Values(
        Refused{"DenseModel", R"({"model": "llama-3.1-8b"})", "/model"},
        Refused{"EpThatDoesNotDivide", R"({"placement": {"ep": 24}, "batch": {"tokens": 1200}})",
                "/placement/ep"},
        Refused{"EpOverPartsOfNodes", R"({"placement": {"ep": 32}, "cluster": {"base": "h800-2048",
                "gpus_per_node": 5}})",
                "/placement/ep"},
        Refused{"EpBeyondTheCluster", R"({"placement": {"ep": 64}, "cluster": {"base": "h800-2048",
                "num_nodes": 4}})",
                "/placement/ep"},
        Refused{"TokensThatDoNotDivide", R"({"batch": {"tokens": 1023}})", "/batch/tokens"},
        Refused{"SlotsThatDoNotDivide", R"({"placement": {"redundant_experts": 3}})",
                "/placement/redundant_experts"},
        Refused{"EplbWithoutPlans", R"({"placement": {"strategy": "eplb"}})", "/placement/replan_every"},
        Refused{"PlansWithoutEplb", R"({"placement": {"replan_every": 4}})", "/placement/replan_every"},
        Refused{"PlansAfterTheEnd", R"({"placement": {"what_if": {"replan_every": 12}}})",
                "/placement/what_if/replan_every"},
        Refused{"PlansThatSeeNoStep", R"({"placement": {"what_if": {"replan_every": 2, "replan_lag": 50}}})",
                "/placement/what_if/replan_lag"},
        Refused{"EplbThatSeesNoStep",
                R"({"placement": {"strategy": "eplb", "replan_every": 5, "replan_lag": 10}})",
                "/placement/replan_lag"},
        Refused{"BiasOfAGateWithoutOne", R"({"routing": {"bias_update_speed": 0.001}})",
                "/routing/bias_update_speed"},
        Refused{"CapacityOfAnotherGate", R"({"routing": {"capacity": {"rule": "switch"}}})",
                "/routing/capacity/rule"},
        Refused{
            "LossesInDecoding",
            R"({"routing": {"losses": {"expert": 0.1}, "dynamics": "functional"}, "batch": {"mode": "decode"}})",
            "/batch/mode"},
        Refused{
            "DeviceLossOfDealtExperts",
            R"({"routing": {"losses": {"device": 0.1}, "dynamics": "functional"}, "placement": {"strategy": "round_robin"}})",
            "/placement/strategy"},
        Refused{"LossesThatDoNothing", R"({"routing": {"losses": {"expert": 0.1}}})", "/routing/dynamics"},
        Refused{"TrainedWhileItServes",
                R"({"routing": {"dynamics": "functional"}, "batch": {"mode": "decode"}})", "/batch/mode"},
        Refused{"SharesOfTokensThatAreAlike",
                R"({"affinity": {"popularity": {"law": "zipf", "sigma": null}, "token_sigma": 0}})",
                "/affinity/token_sigma"},
        Refused{"ShiftAfterTheEnd", R"({"affinity": {"shifts": [{"step": 12, "spread": 0.1}]}})",
                "/affinity/shifts/0/step"},
        Refused{"TrafficOfNoMeasuredStep", R"({"record": {"traffic_every": 8}})", "/record/traffic_every"},
        Refused{"MoreLayersThanThereAre", R"({"batch": {"layers": 28}})", "/batch/layers"},
        Refused{"MoreMeasuredThanPlayed", R"({"batch": {"measured_steps": 13}})", "/batch/measured_steps"}),
    [](const auto& info) { return std::string(info.param.name); });

// Of 12 steps, plans every 5 are made after 5 and 10; the second one has seen step 0 at a lag of 9.
TEST(RoutingChecks, OnePlanThatSeesAStepIsEnough) {
  EXPECT_TRUE(pointers_of(R"({"placement": {"what_if": {"replan_every": 5, "replan_lag": 9}}})").empty());
  EXPECT_TRUE(pointers_of(R"({"placement": {"what_if": {"replan_every": 1, "replan_lag": 10}}})").empty());
}

TEST(RoutingChecks, AllViolationsComeTogether) {
  EXPECT_EQ(pointers_of(R"({"batch": {"tokens": 1023, "layers": 99}, "routing": {"bias_update_speed": 1}})"),
            (std::vector<std::string>{"/batch/tokens", "/routing/bias_update_speed", "/batch/layers"}));
}

// Every shipped scenario of the kind is read and can be run.
TEST(ShippedScenarios, AreSound) {
  int found = 0;
  for (const std::string& name : list_data("workloads/scenarios", ".json")) {
    const std::string file = find_data("workloads/scenarios/" + name).string();
    const Json document = read_json_file(file);
    if (document.value("kind", "") != "routing") continue;
    ++found;
    EXPECT_TRUE(plan_routing(read_spec<RoutingScenario>(document, file), file).violations.empty()) << name;
  }
  EXPECT_GE(found, 9);
}

// 27 MoE layers of 28: at even distances from the first one on.
TEST(RoutedLayers, AreSpreadOverTheModel) {
  const RoutingInputs all = load_routing(test::small_scenario(R"({"batch": {"layers": null}})"), test::kFile);
  EXPECT_EQ(all.layers.size(), 27u);
  EXPECT_EQ(routed_layers(all.model, 3), (std::vector<int>{1, 10, 19}));
}

TEST(RoutingChecks, SaysWhatIsLeftOut) {
  const RoutingInputs even = load_routing(test::small_scenario(R"({"affinity": null})"), test::kFile);
  ASSERT_EQ(even.warnings.size(), 2u);
  EXPECT_NE(even.warnings[0].find("as likely as any other"), std::string::npos);
  EXPECT_NE(even.warnings[1].find("2 of the model's 27"), std::string::npos);
}

}  // namespace
}  // namespace moesim
