// Experts under any load.
#include "calib/profile/expert_curves.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::small_profile;

/// Without a timed operator.
CalibrationProfile bare_profile() {
  return small_profile({test::entry("link", R"("name": "nic", "bandwidth": "50 GB/s")")});
}

GpuFacts small_gpu() {
  return bare_profile().gpu();
}

ExpertShape shape(double experts, double rows, double max_rows = 0, double hidden = 1024,
                  double inter = 1024) {
  return {NumberFormat::fp8, hidden, inter, experts, rows, max_rows};
}

// 3 x 1024 x 1024 B of each of 4 experts; 6 x 256 x 1024^2 FLOPs.
TEST(ExpertShape, CountsWeightsAndOperations) {
  EXPECT_DOUBLE_EQ(shape(4, 256).weight_bytes(), 4 * 3.0 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(shape(4, 256).flops(), 6 * 256.0 * 1024 * 1024);
}

// 4 experts of 65 rows fill two tiles of 64 each; of 8 rows one.
TEST(ExpertShape, FillsWholeTiles) {
  EXPECT_DOUBLE_EQ(shape(4, 4 * 65).padded_rows(), 4 * 128);
  EXPECT_DOUBLE_EQ(shape(4, 32).padded_rows(), 4 * 64);
}

// max 300 and mean 100: loads in proportion to (1 - x)^2 over 16 shares, with the mean 100, in tiles of 64.
TEST(ExpertShape, SpreadsRowsByTheFullestExpert) {
  double loads = 0, tiles = 0;
  const auto load = [](int i) { return std::pow(1 - (i + 0.5) / 16, 2); };
  for (int i = 0; i < 16; ++i) loads += load(i);
  for (int i = 0; i < 16; ++i) tiles += std::ceil(100 * 16 / loads * load(i) / 64);
  EXPECT_NEAR(shape(8, 800, 300).padded_rows(), 8 * 64 * tiles / 16, 1e-9);
}

// 100 experts of 3.15 MB read at 1 TB/s / 1.2 take 377 us; 100 x 64 padded rows x 6 x 1024^2 FLOPs at
// 200 TFLOP/s / 1.7 take 342 us; 100 rows of (3 x 1024 + 8 x 1024) B take 1.1 us.
TEST(ExpertCarrier, JoinsWeightsAndOperations) {
  const double weights = 100 * 3.0 * 1024 * 1024 * 1.2 / 1e12;
  const double gemms = 6 * 6400.0 * 1024 * 1024 * 1.7 / 200e12;
  const double rows = 100 * 11.0 * 1024 / 1e12;
  const double work = rows + std::sqrt(weights * weights + gemms * gemms);
  EXPECT_NEAR(expert_carrier(shape(100, 100), small_gpu(), 0), work, 1e-12);
  EXPECT_NEAR(expert_carrier(shape(100, 100), small_gpu(), 3e-4), std::sqrt(9e-8 + work * work), 1e-12);
}

// Skew fills more tiles in part: it never takes less than a balanced load of full tiles, nor do tokens.
TEST(ExpertCarrier, GrowsWithLoad) {
  const GpuFacts gpu = small_gpu();
  const double balanced = expert_carrier(shape(32, 2048, 64), gpu, 1e-5);
  for (const double max_rows : {100.0, 200.0, 400.0, 1000.0, 2017.0})
    EXPECT_GE(expert_carrier(shape(32, 2048, max_rows), gpu, 1e-5), balanced) << max_rows;
  ExpertShape packed = shape(32, 2048, 64);
  packed.tokens = 1e6;
  EXPECT_NEAR(expert_carrier(packed, gpu, 0) - expert_carrier(shape(32, 2048, 64), gpu, 0), 4e6 * 1024 / 1e12,
              1e-12);
}

/// Points 1.5 times the carrier, at 1, 8, 64, ... rows of an expert.
ExpertCurves half_as_fast() {
  const GpuFacts gpu = small_gpu();
  ExpertCurves curves(gpu, 2e-5);
  for (const double rows : {1.0, 8.0, 64.0, 512.0, 4096.0}) {
    const auto point = shape(16, 16 * rows);
    const double seconds = 1.5 * expert_carrier(point, gpu, 2e-5);
    curves.add(point, {seconds, Provenance::published, "table", 0.9 * seconds, 1.1 * seconds});
  }
  return curves;
}

TEST(ExpertCurves, ReturnAPointThatIsHit) {
  const auto out = half_as_fast().estimate(shape(16, 16 * 64));
  EXPECT_EQ(out.grade, Grade::exact);
  EXPECT_EQ(out.provenance, Provenance::published);
  EXPECT_EQ(out.p90, 1.1 * out.seconds);
}

// What the carrier misses is the same everywhere, so it is found everywhere: other rows, weights and skew.
TEST(ExpertCurves, CarryUtilisation) {
  const auto curves = half_as_fast();
  for (const auto& other :
       {shape(16, 16 * 100), shape(16, 300, 200), shape(64, 64), shape(16, 160, 10, 4096, 512)}) {
    const auto out = curves.estimate(other);
    EXPECT_NEAR(out.seconds, 1.5 * expert_carrier(other, small_gpu(), 2e-5), 1e-12);
  }
  EXPECT_EQ(curves.estimate(shape(16, 16 * 90)).grade, Grade::interpolated);
  EXPECT_EQ(curves.estimate(shape(16, 160, 10, 8192, 512)).grade, Grade::carried);
  EXPECT_EQ(curves.estimate(shape(16, 160, 10, 8192, 512)).provenance, Provenance::derived);
}

TEST(ExpertCurves, GrowWithRows) {
  const auto curves = half_as_fast();
  double last = 0;
  for (double rows = 16; rows < 1e5; rows *= 1.1) {
    const double now = curves.estimate(shape(16, rows)).seconds;
    EXPECT_GE(now, last * (1 - 1e-12)) << rows;
    last = now;
  }
}

// A point is hit only with its tokens: packing of 1e6 tokens of 1024 columns takes 4.1 ms.
TEST(ExpertCurves, TellPackingFromExperts) {
  const GpuFacts gpu = small_gpu();
  ExpertCurves curves(gpu, 1e-5);
  ExpertShape packed = shape(16, 160);
  packed.tokens = 1e6;
  curves.add(packed, {6e-3, Provenance::published, "table", 6e-3, 6e-3});
  EXPECT_EQ(curves.estimate(packed).seconds, 6e-3);
  EXPECT_LT(curves.estimate(shape(16, 160)).seconds, 1e-3);
}

Json experts_entry(const std::string& kernel, const std::string& format, const std::string& time) {
  return test::entry("expert_mlp", R"("name": ")" + kernel + R"(", "format": ")" + format +
                                       R"(", "axes": {"hidden": 1024, "inter": 1024, "experts": 16,
                                           "rows": 160, "max_rows": 40}, "time": ")" +
                                       time + "\"");
}

TEST(ExpertMlp, KeepsKernelsApart) {
  const auto profile = small_profile(
      {experts_entry("fused", "fp8", "100 us"), experts_entry("deepep_normal", "fp8", "300 us")});
  EXPECT_DOUBLE_EQ(profile.expert_mlp(shape(16, 160, 40), kExpertsFused).seconds, 100e-6);
  EXPECT_DOUBLE_EQ(profile.expert_mlp(shape(16, 160, 40), kExpertsNormal).seconds, 300e-6);
}

// BF16 has twice the bytes: the carrier doubles where weights bind.
TEST(ExpertMlp, CarriesAnotherFormat) {
  const auto profile = small_profile({experts_entry("fused", "fp8", "100 us")});
  ExpertShape bf16 = shape(16, 160, 40);
  bf16.format = NumberFormat::bf16;
  const auto out = profile.expert_mlp(bf16, kExpertsFused);
  EXPECT_EQ(out.grade, Grade::carried);
  EXPECT_GT(out.seconds, 120e-6);
  EXPECT_LT(out.seconds, 210e-6);
}

// Without entries: two grouped GEMMs by gemm_efficiency 0.5 (16 groups of 10 rows, bound by weights of
// 33.6 and 16.8 MB: 67 and 34 us and a little), the activation at its floor; skew adds.
TEST(ExpertMlp, FallsBackToGroupedGemms) {
  const auto profile = bare_profile();
  const auto out = profile.expert_mlp(shape(16, 160), kExpertsNormal);
  EXPECT_EQ(out.grade, Grade::rule);
  EXPECT_NEAR(out.seconds, 2 * 50.3e-6 + 2e-6, 6e-6);
  EXPECT_GT(profile.expert_mlp(shape(16, 16 * 1000, 8000), kExpertsNormal).seconds,
            profile.expert_mlp(shape(16, 16 * 1000), kExpertsNormal).seconds);
}

TEST(BatchedGemm, FallsBackToTheGemmOfEach) {
  const auto profile = bare_profile();
  const auto one = profile.gemm({NumberFormat::bf16, 64, 512, 128});
  const auto out = profile.batched_gemm({NumberFormat::bf16, 128, 64, 512, 128});
  EXPECT_DOUBLE_EQ(out.seconds, 128 * one.seconds);
  EXPECT_EQ(out.grade, Grade::rule);
}

TEST(CustomAllReduce, IsLogLogAndMonotone) {
  const auto at = [](int bytes, const std::string& time) {
    return test::entry("custom_all_reduce", R"("axes": {"num_gpus": 8, "bytes": )" + std::to_string(bytes) +
                                                R"(}, "time": ")" + time + "\"");
  };
  const auto profile =
      small_profile({at(1000, "4 us"), at(2000, "16 us"), at(4000, "9 us"), at(8000, "20 us")});
  const auto seconds = [&](double bytes) { return profile.custom_all_reduce(8, Bytes(bytes))->seconds; };
  EXPECT_DOUBLE_EQ(seconds(1000), 4e-6);
  EXPECT_NEAR(seconds(2000), 12e-6, 1e-12);  // with its neighbour: sqrt(16 x 9)
  EXPECT_NEAR(seconds(4000), 12e-6, 1e-12);
  EXPECT_DOUBLE_EQ(profile.custom_all_reduce(1, Bytes(1000))->seconds, 0);
  EXPECT_FALSE(bare_profile().custom_all_reduce(8, Bytes(1000)));
}

}  // namespace
}  // namespace moesim
