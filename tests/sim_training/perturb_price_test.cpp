// What must follow when a price, or what it is paid for, moves.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sim/training/batch_run.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/variation.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim::test {
namespace {

constexpr const char* kParts = "cost_parts_usd_per_trillion_tokens";
constexpr const char* kCost = "cost_usd_per_trillion_tokens";

V3Step with_price(const std::string& price) {
  return V3Step::shortest().set("/cluster/price", price);
}

/// Owned GPUs of 35,064 $ for as many hours: 1 $ an hour. Electricity and hosting besides.
V3Step owned(const std::string& electricity = "0.1 $") {
  return with_price(R"({"name": "p", "source": "a test", "owned": {"gpu": "35064 $", "lifetime": "1461 d"},
                        "electricity_per_kwh": ")" +
                    electricity + R"(", "hosting_per_kw_month": "100 $"})");
}

Json summary_of(const V3Step& step) {
  return representative_summary(step.inputs());
}

// A rent of 2 $ an hour is what gpu_price says as well.
TEST(PriceOfAStep, RentedIsTheGpuPrice) {
  const Json plain = summary_of(V3Step::shortest()), rented = summary_of(with_price("\"rent-2\""));
  EXPECT_FALSE(plain.contains(kParts));
  EXPECT_DOUBLE_EQ(rented[kCost], plain[kCost]);
  EXPECT_EQ(rented[kParts], Json({{"gpu", rented[kCost]}}));
  EXPECT_DOUBLE_EQ(rented[kCost], 2 * rented["gpu_hours_per_trillion_tokens"].get<double>());
}

TEST(PriceOfAStep, PartsAddUpAndComeFromHoursAndEnergy) {
  const Json summary = summary_of(owned());
  const Json parts = summary[kParts];
  double sum = 0;
  for (const auto& [part, dollars] : parts.items()) sum += dollars.get<double>();
  EXPECT_NEAR(sum, summary[kCost], 1e-9 * sum);
  const double hours = summary["gpu_hours_per_trillion_tokens"];
  EXPECT_NEAR(parts["gpu"], hours, 1e-9 * hours);
  // Joules of 10^12 tokens over 3.6 MJ at 0.1 $.
  const double power = summary["energy_J_per_token"].get<double>() * 1e12 / 3.6e6 * 0.1;
  EXPECT_NEAR(parts["power"], power, 1e-9 * power);
  // (700 + 32 + 2,400 / 8) W x 1.2, 100 $ a kW and month of 730.5 hours.
  EXPECT_NEAR(parts["hosting"], hours / 730.5 * 1.2384 * 100, 1e-9 * hours);
}

/// A tenth more overhead of the facility is a tenth more of power and hosting and nothing else.
TEST(PriceOfAStep, PueMovesPowerAndHostingAlone) {
  const Json before = summary_of(owned())[kParts];
  const Json after = summary_of(owned().set("/cluster/power/pue", "1.32"))[kParts];
  EXPECT_NEAR(after["power"].get<double>() / before["power"].get<double>(), 1.1, 1e-12);
  EXPECT_NEAR(after["hosting"].get<double>() / before["hosting"].get<double>(), 1.1, 1e-12);
  EXPECT_EQ(after["gpu"], before["gpu"]);
}

TEST(PriceOfAStep, ElectricityMovesPowerAlone) {
  const Json before = summary_of(owned())[kParts], after = summary_of(owned("0.2 $"))[kParts];
  EXPECT_NEAR(after["power"], 2 * before["power"].get<double>(), 1e-6);
  EXPECT_EQ(after["gpu"], before["gpu"]);
  EXPECT_EQ(after["hosting"], before["hosting"]);
}

// Inputs that are drawn anew keep their cluster's price.
TEST(PriceOfAStep, StaysWithVariedInputs) {
  const TrainingInputs inputs = owned().inputs();
  const Json varied =
      representative_summary(at_interval_end(inputs, "cluster.nic.efficiency", IntervalEnd::low));
  EXPECT_NE(varied["step_time_s"], summary_of(owned())["step_time_s"]);
  ASSERT_TRUE(varied.contains(kParts));
  EXPECT_NEAR(varied[kParts]["gpu"], varied["gpu_hours_per_trillion_tokens"].get<double>(), 1e-3);
}

// The whole run pays its hours and, at 500 W a GPU, half a kWh for each of them.
TEST(PriceOfARun, IsThatOfItsHours) {
  const TrainingInputs inputs =
      owned().set("/recipe/batch_schedule", R"([{"global_batch": 4096, "tokens": 1000000000000}])").inputs();
  const Json run = batch_run_json(inputs, 500);
  const double hours = run["gpu_hours"];
  const Json& parts = run["cost_parts_usd"];
  EXPECT_NEAR(parts["gpu"], hours, 1e-9 * hours);
  EXPECT_NEAR(parts["power"], 0.05 * hours, 1e-9 * hours);
  EXPECT_NEAR(run["cost_usd"],
              parts["gpu"].get<double>() + parts["power"].get<double>() + parts["hosting"].get<double>(),
              1e-9 * hours);
}

}  // namespace
}  // namespace moesim::test
