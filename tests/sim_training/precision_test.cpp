// What the format of linears does to a step.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "sim/training/step_costs.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

V3Step with_precision(const char* precision) {
  return V3Step::plain().much_memory().set("/recipe/precision", precision);
}

/// A GPU with MXFP8 whose rate over blockwise FP8 is `rate`.
V3Step microscaling(double rate) {
  return with_precision("mxfp8").profile([=](ProfileFile& file) {
    file.gpu.peak_mxfp8 = file.gpu.peak_fp8;
    Constant constant = file.constants.front();
    constant.name = "mxfp8_rate_over_fp8";
    constant.unit = "ratio";
    constant.value = rate;
    constant.interval = {rate, rate};
    constant.fallback.reset();
    file.constants.push_back(constant);
  });
}

// Twice the FLOPs per operand byte at half the rate: BF16 takes longer, less than twice, because attention
// and norms are BF16 in both and casts fall away.
TEST(Bf16, IsSlowerThanFp8) {
  const double ratio = with_precision("bf16").seconds() / with_precision("fp8").seconds();
  EXPECT_GT(ratio, 1.15);
  EXPECT_LT(ratio, 1.8);
}

// Rows are dispatched in BF16, as wide as combined ones.
TEST(Bf16, DispatchesTwiceTheBytes) {
  const auto bytes = [](const char* precision) {
    const test::Replayed step(with_precision(precision).inputs());
    return step.cost(Phase::dispatch_forward, PassKind::forward).nic_B;
  };
  EXPECT_GT(bytes("bf16") / bytes("fp8"), 1.9);
}

TEST(Mxfp8, IsRefusedWhereTheGpuHasNone) {
  try {
    (void)with_precision("mxfp8").inputs();
    FAIL();
  } catch (const PlanError& error) {
    ASSERT_EQ(error.violations.size(), 1U);
    EXPECT_EQ(error.violations[0].pointer, "/recipe/precision");
    EXPECT_NE(error.violations[0].what.find("Blackwell"), std::string::npos);
  }
}

// At the same rate of GEMMs nothing is transposed, so that a step is a little shorter than a blockwise one.
TEST(Mxfp8, SavesTransposesOfWeights) {
  const double blockwise = with_precision("fp8").seconds(), same = microscaling(1).seconds();
  EXPECT_LT(same, blockwise);
  EXPECT_GT(same, 0.85 * blockwise);
  EXPECT_GT(microscaling(0.5).seconds(), same);
}

// A second copy and scales of a byte per 32 values: 1 + 2/32 B more are written per parameter.
TEST(Mxfp8, WritesTwoCopiesOfTheWeights) {
  const TrainingInputs blockwise = with_precision("fp8").inputs(), micro = microscaling(1).inputs();
  const auto optimizer_s = [](const TrainingInputs& inputs) {
    CostTable table;
    const std::uint32_t cost = price_optimizer(inputs, 3, table);
    return table.costs()[cost].work_s;
  };
  const RankParameters rank = rank_parameters(blockwise, 3);
  EXPECT_NEAR(optimizer_s(micro) - optimizer_s(blockwise),
              (rank.experts + rank.others) * (1 + 2.0 / 32) / (0.8 * 3.35e12), 1e-9);
}

}  // namespace
}  // namespace moesim
