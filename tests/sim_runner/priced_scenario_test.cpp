#include "sim/runner/priced_scenario.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

const std::string kTraining = "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json";
const std::string kServing = "workloads/scenarios/deepseek-v3-trace-h800.json";
const std::string kRouting = "workloads/scenarios/deepseek-v3-routing-quick.json";

Json priced(const std::string& text, const std::string& price = "rent-2") {
  return with_price(parse_json(text, "case.json"), "case.json", price);
}

SpecError error_of(const std::string& file, const std::string& price) {
  try {
    with_price(read_json_file(file), file, price);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << price;
  return SpecError("", "", "", "");
}

TEST(PricedScenario, NamesTheClusterAsABase) {
  const Json scenario = read_json_file(kTraining);
  const Json with = with_price(scenario, kTraining, "owned-4-years");
  EXPECT_EQ(with["cluster"]["base"], scenario["cluster"]);
  EXPECT_EQ(with["cluster"]["price"]["name"], "owned-4-years");
  Json without = with;
  without["cluster"] = scenario["cluster"];
  EXPECT_EQ(without, scenario);
  EXPECT_NO_THROW(kind_of(with, kTraining).complete(with, kTraining));
}

TEST(PricedScenario, KeepsOtherKeysOfACluster) {
  const Json with = priced(R"({"kind": "training", "cluster": {"base": "h800-2048", "num_nodes": 16,
                                                               "price": "reserved-3-years"}})");
  EXPECT_EQ(with["cluster"]["num_nodes"], 16);
  EXPECT_EQ(with["cluster"]["price"]["name"], "rent-2");
}

TEST(PricedScenario, ReachesPoolsWithTheirOwnClusters) {
  const Json with = priced(R"({"kind": "serving", "cluster": "h800-2048", "deployment": {
    "prefill": {"cluster": "h20-128"}, "decode": {"role": "decode"}, "spare": {"cluster": {}}}})");
  EXPECT_EQ(with["cluster"]["price"]["name"], "rent-2");
  EXPECT_EQ(with["deployment"]["prefill"]["cluster"]["base"], "h20-128");
  EXPECT_EQ(with["deployment"]["prefill"]["cluster"]["price"]["name"], "rent-2");
  EXPECT_FALSE(with["deployment"]["decode"].contains("cluster"));
  // A pool that is written out with every default has an empty cluster: the scenario's.
  EXPECT_EQ(with["deployment"]["spare"]["cluster"], Json::object());
}

TEST(PricedScenario, OfACompletedScenarioIsOne) {
  for (const std::string& file : {kTraining, kServing}) {
    const Json scenario = read_json_file(file);
    const ScenarioKind& kind = kind_of(scenario, file);
    const Json with = with_price(kind.complete(scenario, file), file, "rent-2");
    EXPECT_NO_THROW(kind.complete(with, file)) << file;
    EXPECT_TRUE(kind.plan(with, file, {})["violations"].empty()) << file;
  }
}

TEST(PricedScenario, LeavesWhatIsNoClusterToItsReader) {
  for (const char* cluster : {"5", "null", "[1]", "\"\"", "true"}) {
    const std::string text = std::string(R"({"kind": "training", "cluster": )") + cluster + "}";
    EXPECT_EQ(priced(text), parse_json(text, "case.json")) << cluster;
  }
  EXPECT_NO_THROW(priced(R"({"kind": "serving", "cluster": "h800-2048", "deployment": [1]})"));
}

TEST(PricedScenario, ReadsAFile) {
  const test::OwnFile file("mine.json");
  std::ofstream(file.path()) << R"({"name": "mine", "source": "a test", "rented": {"gpu": "3 $/h"}})";
  EXPECT_EQ(
      with_price(read_json_file(kTraining), kTraining, file.path().string())["cluster"]["price"]["name"],
      "mine");
}

TEST(PricedScenario, RefusesUnknownAndFaultyPrices) {
  const SpecError unknown = error_of(kTraining, "rent");
  EXPECT_EQ(unknown.pointer, "--price");
  EXPECT_EQ(unknown.hint, "did you mean \"rent-2\"?");
  const test::OwnFile file("faulty.json");
  std::ofstream(file.path()) << R"({"name": "mine", "source": "a test", "owned": {"gpu": "3 $"}})";
  const SpecError faulty = error_of(kTraining, file.path().string());
  EXPECT_EQ(faulty.file, file.path().string());
  EXPECT_EQ(faulty.pointer, "/owned/lifetime");
}

TEST(PricedScenario, RefusesAKindWithoutCosts) {
  EXPECT_EQ(error_of(kRouting, "rent-2").pointer, "/kind");
}

}  // namespace
}  // namespace moesim
