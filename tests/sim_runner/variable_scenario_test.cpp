#include "sim/runner/variable_scenario.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

VariedInput input(const std::string& name, double value, double low, double high, bool stated = true) {
  return {name, "here", "s", "assumed", "interval", stated, value, low, high};
}

/// step = 3 a + b, rate = 1 / step; c counts for nothing and nobody states the ends of b.
VariableScenario linear() {
  VariableScenario scenario;
  scenario.inputs = {input("a", 1, 0.5, 2), input("b", 2, 1.8, 2.2, false), input("c", 5, 1, 9)};
  scenario.engine = "by hand";
  scenario.summary = [](const InputValues& values) {
    double a = 1, b = 2;
    for (const auto& [index, value] : values) (index == 0 ? a : index == 1 ? b : a) = index == 2 ? a : value;
    return Json{{"step_s", 3 * a + b}, {"nested", {{"list", {1, 3 * a}}, {"name", "x"}}}, {"tokens", 7}};
  };
  return scenario;
}

// 5 s; a at 0.5 and 2: 3.5 and 8, span 4.5; b at 1.8 and 2.2: 4.8 and 5.2; c: nothing.
TEST(Sensitivity, OfALinearFigure) {
  const Json document = sensitivity(linear(), "step_s", 1);
  EXPECT_EQ(document["value"], 5.0);
  ASSERT_EQ(document["inputs"].size(), 2u);
  const Json& a = document["inputs"][0];
  EXPECT_EQ(a["name"], "a");
  EXPECT_DOUBLE_EQ(a["low"], 3.5);
  EXPECT_DOUBLE_EQ(a["high"], 8);
  EXPECT_DOUBLE_EQ(a["span"], 4.5);
  EXPECT_EQ(document["inputs"][1]["name"], "b");
  EXPECT_NEAR(document["inputs"][1]["span"], 0.4, 1e-12);
  EXPECT_EQ(document["without_effect"], Json({"c"}));
  EXPECT_EQ(sensitivity(linear(), "step_s", 3), document);
  EXPECT_THROW(sensitivity(linear(), "steps_s", 1), RunError);
}

TEST(Sensitivity, AFaultOfAnyThreadIsThrown) {
  VariableScenario scenario = linear();
  scenario.summary = [](const InputValues& values) -> Json {
    if (!values.empty() && values[0].first == 1) throw RunError("no luck");
    return {{"step_s", 1}};
  };
  EXPECT_THROW(sensitivity(scenario, "step_s", 2), RunError);
}

// Triangle over 0.5, 1, 2: mode at (1 - 0.5) / 1.5 = 1/3; below it 0.5 + sqrt(u 0.75), above 2 - sqrt((1 -
// u) 1.5).
TEST(Triangular, IsTheInverseOfItsDistribution) {
  const VariedInput a = linear().inputs[0];
  EXPECT_DOUBLE_EQ(triangular(a, 0), 0.5);
  EXPECT_DOUBLE_EQ(triangular(a, 1.0 / 3), 1);
  EXPECT_DOUBLE_EQ(triangular(a, 0.12), 0.8);
  EXPECT_NEAR(triangular(a, 0.94), 1.7, 1e-12);
  EXPECT_EQ(triangular(input("fixed", 3, 3, 3), 0.7), 3);
}

TEST(DrawnValues, StayWithinStatedEndsAndFollowSeedAndDraw) {
  const auto inputs = linear().inputs;
  for (std::uint64_t draw = 0; draw < 100; ++draw) {
    const InputValues values = drawn_values(inputs, 1, draw);
    ASSERT_EQ(values.size(), 2u) << "nobody states the ends of b";
    for (const auto& [index, value] : values) {
      EXPECT_GE(value, inputs[index].low);
      EXPECT_LE(value, inputs[index].high);
    }
  }
  EXPECT_EQ(drawn_values(inputs, 1, 3), drawn_values(inputs, 1, 3));
  EXPECT_NE(drawn_values(inputs, 1, 3), drawn_values(inputs, 1, 4));
  EXPECT_NE(drawn_values(inputs, 1, 3), drawn_values(inputs, 2, 3));
}

// step = 3 a + 2. a's 10th and 90th percentile: 0.5 + sqrt(0.075) = 0.774, 2 - sqrt(0.15) = 1.613; 64 draws
// are within 0.2 of both.
TEST(SummarySpread, HasTheShapeOfTheSummary) {
  const Json spread = summary_spread(linear(), 1, 2);
  EXPECT_EQ(spread["replays"], kNumReplays);
  EXPECT_EQ(spread["num_inputs"], 2);
  EXPECT_NEAR(spread["p10"]["step_s"], 3 * 0.774 + 2, 0.6);
  EXPECT_NEAR(spread["p90"]["step_s"], 3 * 1.613 + 2, 0.6);
  EXPECT_LT(spread["p10"]["step_s"], spread["p50"]["step_s"]);
  EXPECT_LT(spread["p50"]["step_s"], spread["p90"]["step_s"]);
  EXPECT_EQ(spread["p10"]["tokens"], spread["p90"]["tokens"]) << "what no input moves";
  EXPECT_EQ(spread["p90"]["nested"]["list"][0], 1.0);
  EXPECT_LT(spread["p10"]["nested"]["list"][1], spread["p90"]["nested"]["list"][1]);
  EXPECT_FALSE(spread["p10"]["nested"].contains("name"));
  EXPECT_EQ(summary_spread(linear(), 1, 1), spread);
  EXPECT_NE(summary_spread(linear(), 2, 1), spread);
}

}  // namespace
}  // namespace moesim
