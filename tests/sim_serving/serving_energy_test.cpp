#include "sim/serving/serving_energy.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "calib/profile/profile.hpp"

namespace moesim {
namespace {

/// A pool of 8-GPU units on H800 nodes that were allotted for 100 s, and worked for 40 s of them.
struct Fleet {
  explicit Fleet(const std::string& cluster = "\"h800-2048\"") { add_pool(cluster); }

  void add_pool(const std::string& cluster) {
    auto pool = std::make_unique<PoolInputs>();
    pool->spec.layout = {8, 1, 8, 0};
    pool->cluster = load_cluster(parse_json(cluster, "case.json"), "case.json");
    pool->profile = std::make_shared<const CalibrationProfile>(load_profile("h800-sxm"));
    inputs.pools.push_back(std::move(pool));
    result.pools.emplace_back();
    result.pools.back().allotted_unit_s = 100;
    result.pools.back().totals.busy_s = 40;
  }
  [[nodiscard]] double energy_J() const { return fleet_energy_J(inputs, result); }

  ServingInputs inputs;
  FleetResult result;
};

TEST(ServingEnergy, IdleNodesDrawTheirIdlePower) {
  Fleet fleet;
  // 8 GPUs of 85 W with ports of 32 W and 2,400 W of the node, times 1.2.
  EXPECT_DOUBLE_EQ(fleet_energy_J(fleet.inputs, fleet.result), 1.2 * 100 * (8 * (85 + 32) + 2400));
}

TEST(ServingEnergy, WorkAddsSmAndHbmUpToThePeak) {
  Fleet fleet;
  const double idle = fleet_energy_J(fleet.inputs, fleet.result);
  StepTime& step = fleet.result.pools[0].totals.step;
  step.sm_busy = 20;
  const double with_sm = fleet_energy_J(fleet.inputs, fleet.result);
  EXPECT_NEAR(with_sm - idle, 1.2 * 8 * 615 * 0.8 * 20, 1e-6);
  step.hbm_bytes = 10 * fleet.inputs.pools[0]->profile->gpu().hbm_bandwidth.value();
  EXPECT_NEAR(fleet_energy_J(fleet.inputs, fleet.result) - with_sm, 1.2 * 8 * 615 * 0.45 * 10, 1e-6);
  step.sm_busy = 1000;  // more than the 40 s of iterations
  EXPECT_NEAR(fleet_energy_J(fleet.inputs, fleet.result) - idle, 1.2 * 8 * 615 * 40, 1e-6);
}

TEST(ServingEnergy, CostIsThatOfAllottedGpus) {
  Fleet fleet;
  EXPECT_NEAR(fleet_cost(fleet.inputs, fleet.result).total(), 100.0 * 8 * 2 / 3600, 1e-12);
}

TEST(ServingEnergy, EachPoolPaysThePriceOfItsOwnCluster) {
  Fleet fleet;
  fleet.add_pool(
      R"({"base": "h800-2048", "price": {"name": "p", "source": "a test", "electricity_per_kwh": "0.1 $",
    "owned": {"gpu": "35064 $", "lifetime": "1461 d"}}})");
  const double rented_J = Fleet().energy_J();
  // 8 GPUs for 100 s: at 2 $ an hour; at 35,064 $ for as many hours, and the joules of that pool alone.
  const CostParts cost = fleet_cost(fleet.inputs, fleet.result);
  EXPECT_NEAR(cost.gpu, 100.0 * 8 * (2 + 1) / 3600, 1e-12);
  EXPECT_NEAR(cost.power, (fleet.energy_J() - rented_J) / 3.6e6 * 0.1, 1e-12);
  EXPECT_GT(cost.power, 0);
  EXPECT_NEAR(cost.total(), cost.gpu + cost.power, 1e-12);
}

// What a pool draws follows its work: 40 s at the full rate of its SMs cost more than 40 s of waiting.
TEST(ServingEnergy, PowerIsPaidByWork) {
  const auto power = [](double sm_busy) {
    Fleet fleet(R"({"base": "h800-2048", "price": "owned-4-years"})");
    fleet.result.pools[0].totals.step.sm_busy = sm_busy;
    return fleet_cost(fleet.inputs, fleet.result);
  };
  // 1.2 x 8 x 615 W x 0.8 x 20 s, at 0.08 $ for 3.6 MJ.
  EXPECT_NEAR(power(20).power - power(0).power, 1.2 * 8 * 615 * 0.8 * 20 / 3.6e6 * 0.08, 1e-12);
  EXPECT_EQ(power(20).gpu, power(0).gpu);
  EXPECT_EQ(power(20).hosting, power(0).hosting);
}

}  // namespace
}  // namespace moesim
