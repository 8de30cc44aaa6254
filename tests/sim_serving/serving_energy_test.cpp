#include "sim/serving/serving_energy.hpp"

#include <gtest/gtest.h>

#include "calib/profile/profile.hpp"

namespace moesim {
namespace {

/// A pool of 8-GPU units on H800 nodes that were allotted for 100 s, and worked for 40 s of them.
struct Fleet {
  Fleet() {
    auto pool = std::make_unique<PoolInputs>();
    pool->spec.layout = {8, 1, 8, 0};
    pool->cluster = load_cluster("h800-2048");
    pool->profile = std::make_shared<const CalibrationProfile>(load_profile("h800-sxm"));
    inputs.pools.push_back(std::move(pool));
    result.pools.emplace_back();
    result.pools[0].allotted_unit_s = 100;
    result.pools[0].totals.busy_s = 40;
  }
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

}  // namespace
}  // namespace moesim
