// Weights in FP8 on Blackwell, whose tables of FP8 GEMMs are those of block-scaled kernels alone.
#include <gtest/gtest.h>

#include "sim/serving/step/layer_times.hpp"
#include "tests/sim_serving_step/unit_fixture.hpp"

namespace moesim {
namespace {

using test::Unit;

struct Case {
  const char* model;
  UnitLayout layout;
};

class BlackwellFp8 : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] double step(const char* profile, NumberFormat format, double sequences) const {
    Unit unit(GetParam().model, GetParam().layout, profile);
    unit.pool.precision = format;
    return unit.time(unit.decode(sequences, 2000)).total();
  }
};

INSTANTIATE_TEST_SUITE_P(Units, BlackwellFp8,
                         testing::Values(Case{"llama-3.1-70b", {4, 4, 1, 0}},
                                         Case{"qwen3-235b-a22b", {8, 8, 8, 0}}));

TEST_P(BlackwellFp8, StepIsNoSlowerThanInBf16) {
  for (const char* profile : {"b200-sxm", "gb200"}) {
    for (const double sequences : {4.0, 8.0, 16.0, 64.0, 256.0}) {
      EXPECT_LE(step(profile, NumberFormat::fp8, sequences), step(profile, NumberFormat::bf16, sequences))
          << profile << " " << sequences;
    }
  }
}

// One sequence reads so few experts that the casts to FP8, kernels of their own, outweigh what is saved.
TEST_P(BlackwellFp8, CastsCostLittleElsewhere) {
  for (const double sequences : {1.0, 1024.0}) {
    const double wide = step("gb200", NumberFormat::bf16, sequences);
    EXPECT_LE(step("gb200", NumberFormat::fp8, sequences), 1.04 * wide) << sequences;
  }
}

TEST_P(BlackwellFp8, StepIsNoSlowerThanOnHopper) {
  for (const double sequences : {1.0, 4.0, 16.0, 64.0, 256.0, 1024.0}) {
    EXPECT_LE(step("b200-sxm", NumberFormat::fp8, sequences), step("h200-sxm", NumberFormat::fp8, sequences))
        << sequences;
  }
}

// The dense layers of 16 tokens over 4 GPUs read 3 x 8192 x 7168 weights: with a half of the bytes the time
// above a start of 5 us for each of three GEMMs (gate and up may be one) halves, casts apart.
TEST(BlackwellFp8Gemm, ReadsAboutHalfOfTheBytesOfBf16) {
  Unit unit("llama-3.1-70b", {4, 4, 1, 0}, "b200-sxm");
  unit.pool.precision = NumberFormat::bf16;
  const PartTime wide = LayerTimes(unit.input()).dense(16, false);
  unit.pool.precision = NumberFormat::fp8;
  const PartTime narrow = LayerTimes(unit.input()).dense(16, false);
  const double weights = 3 * 8192.0 * 7168;
  EXPECT_GT(narrow.seconds, weights / unit.profile.gpu().hbm_bandwidth.value());
  EXPECT_LT(narrow.seconds, 0.8 * wide.seconds);
  EXPECT_GT(narrow.by_provenance[static_cast<std::size_t>(Provenance::derived)], 0);
}

}  // namespace
}  // namespace moesim
