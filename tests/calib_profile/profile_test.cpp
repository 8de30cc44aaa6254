#include "calib/profile/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::gemm_entry;
using test::small_profile;
using testing::HasSubstr;

double micro(const TimeEstimate& estimate) {
  return estimate.seconds * 1e6;
}

GemmShape shape(double m, double n, double k, NumberFormat format = NumberFormat::fp8) {
  return {format, m, n, k, 1, GemmRole::forward};
}

GemmShape weight_gradient(double m, double n, double tokens, NumberFormat format) {
  return {format, m, n, tokens, 1, GemmRole::weight_gradient};
}

Json with(Json row, const char* key, const Json& value) {
  row[key] = value;
  return row;
}

const Json kAttention =
    entry("attention_prefill",
          R"("axes": {"heads": 16, "qk_dim": 192, "v_dim": 128, "length": 1000}, "time": "100 us")");

TEST(Profile, AnswersAnEntryWithItself) {
  const auto profile = small_profile({gemm_entry(1000, 1000, 1000, "20 us")});
  EXPECT_DOUBLE_EQ(micro(profile.gemm(shape(1000, 1000, 1000))), 20);
  EXPECT_EQ(profile.gemm(shape(1000, 1000, 1000)).provenance, Provenance::published);
  // Input gradients use the forward curves at their shape.
  GemmShape gradient = shape(1000, 1000, 1000);
  gradient.role = GemmRole::input_gradient;
  EXPECT_DOUBLE_EQ(micro(profile.gemm(gradient)), 20);
  EXPECT_TRUE(profile.warnings().empty());
}

// A trace's kernels run beside communication: never part of a curve.
TEST(Profile, KeepsOverlappedEntriesOutOfCurves) {
  const auto profile = small_profile({gemm_entry(1000, 1000, 1000, "20 us"),
                                      with(gemm_entry(2000, 1000, 1000, "80 us"), "regime", "overlapped")});
  EXPECT_DOUBLE_EQ(micro(profile.gemm(shape(2000, 1000, 1000))), 40);  // utilisation of the first
}

TEST(Duplicates, PreferMeasuredThenPublishedThenDerived) {
  const Json derived = with(gemm_entry(1000, 1000, 1000, "10 us"), "provenance", "derived");
  const Json published = gemm_entry(1000, 1000, 1000, "20 us");
  const Json measured = with(gemm_entry(1000, 1000, 1000, "30 us"), "provenance", "measured");
  EXPECT_DOUBLE_EQ(micro(small_profile({derived, published}).gemm(shape(1000, 1000, 1000))), 20);
  const auto all = small_profile({derived, published, measured});
  const TimeEstimate out = all.gemm(shape(1000, 1000, 1000));
  EXPECT_DOUBLE_EQ(micro(out), 30);
  EXPECT_EQ(out.provenance, Provenance::measured);
  EXPECT_EQ(all.entries().size(), 1U);
}

// Of equals the shortest time; the other widens the interval. 0.5 % apart is no disagreement.
TEST(Duplicates, WidenTheInterval) {
  const auto profile =
      small_profile({gemm_entry(1000, 1000, 1000, "25 us"), gemm_entry(1000, 1000, 1000, "20 us")});
  const TimeEstimate out = profile.gemm(shape(1000, 1000, 1000));
  EXPECT_DOUBLE_EQ(micro(out), 20);
  EXPECT_DOUBLE_EQ(out.p90, 25e-6);
  ASSERT_EQ(profile.warnings().size(), 1U);
  EXPECT_THAT(profile.warnings().front(), HasSubstr("1.250 times"));
  EXPECT_TRUE(small_profile({gemm_entry(1000, 1000, 1000, "20.05 us"), gemm_entry(1000, 1000, 1000, "20 us")})
                  .warnings()
                  .empty());
}

TEST(Provenance, OfAnotherGpuIsDerived) {
  const auto profile = small_profile({with(gemm_entry(1000, 1000, 1000, "20 us"), "gpu", "G90")});
  EXPECT_EQ(profile.gemm(shape(1000, 1000, 1000)).provenance, Provenance::derived);
}

TEST(ExcludedSource, LeavesItsEntriesOut) {
  const auto rows = {gemm_entry(1000, 1000, 1000, "20 us"), gemm_entry(1000, 1000, 1000, "40 us", "bf16"),
                     kAttention};
  const auto all = small_profile(rows);
  EXPECT_EQ(all.entries().size(), 3U);
  const auto some = small_profile(rows, {"bf16-table"});
  EXPECT_EQ(some.entries().size(), 2U);
  EXPECT_DOUBLE_EQ(micro(all.gemm(shape(1000, 1000, 1000, NumberFormat::bf16))), 40);
  // No curve is left: 20 us of roofline at gemm_efficiency 0.5, between 0.8 and 0.4.
  const TimeEstimate out = some.gemm(shape(1000, 1000, 1000, NumberFormat::bf16));
  EXPECT_DOUBLE_EQ(micro(out), 40);
  EXPECT_DOUBLE_EQ(out.p10, 25e-6);
  EXPECT_DOUBLE_EQ(out.p90, 50e-6);
  EXPECT_EQ(out.provenance, Provenance::assumed);
  EXPECT_EQ(out.source, "practice");
}

TEST(ExcludedSource, PutsInTheFallbackOfAConstant) {
  const auto profile = small_profile({kAttention}, {"trace"});
  const ResolvedConstant ratio = profile.constant("attention_backward_ratio");
  EXPECT_EQ(ratio.value, 2);
  EXPECT_TRUE(ratio.fallback);
  EXPECT_EQ(ratio.owner, "small");
  EXPECT_THROW(small_profile({kAttention}, {"practice"}).small(Bytes(1)), CalibrationError);
}

// Grouped without a grouped curve: as many dense products.
TEST(GroupedGemm, IsCarriedFromDense) {
  const auto dense = small_profile({gemm_entry(1000, 1000, 1000, "20 us")});
  GemmShape grouped = shape(1000, 1000, 1000);
  grouped.groups = 4;
  EXPECT_DOUBLE_EQ(micro(dense.gemm(grouped)), 80);
  EXPECT_EQ(dense.gemm(grouped).provenance, Provenance::derived);
  const auto own = small_profile(
      {gemm_entry(1000, 1000, 1000, "20 us"),
       entry("grouped_gemm",
             R"("format": "fp8", "axes": {"groups": 4, "m": 1000, "n": 1000, "k": 1000}, "time": "70 us")")});
  EXPECT_DOUBLE_EQ(micro(own.gemm(grouped)), 70);
}

// Forward 40 us over the rate 0.8, and 10^6 parameters x 8 bytes at half of 1 TB/s: 50 + 16 us. The interval
// is that of the rate, 0.5 to 1.
TEST(WeightGradient, WithoutACurveAddsTheTrafficOfItsAccumulation) {
  const auto profile = small_profile({gemm_entry(1000, 1000, 1000, "40 us", "bf16")});
  const GemmShape asked = weight_gradient(1000, 1000, 1000, NumberFormat::bf16);
  const TimeEstimate out = profile.gemm(asked);
  EXPECT_NEAR(micro(out), 66, 1e-9);
  EXPECT_NEAR(out.p10, 56e-6, 1e-15);
  EXPECT_NEAR(out.p90, 96e-6, 1e-15);
  EXPECT_EQ(out.provenance, Provenance::assumed);
  EXPECT_NEAR(micro(profile.gemm(asked, 4)), 58, 1e-9);  // BF16 main gradients
}

// [out 2000, tokens] x [tokens, in 500] is the forward product of 1,000 tokens with a weight 2000 x 500.
TEST(WeightGradient, WithoutACurveTakesTheForwardProductOfItsWeight) {
  const auto profile = small_profile(
      {gemm_entry(1000, 2000, 500, "40 us", "bf16"), gemm_entry(2000, 500, 1000, "400 us", "bf16")});
  EXPECT_NEAR(micro(profile.gemm(weight_gradient(2000, 500, 1000, NumberFormat::bf16))), 66, 1e-9);
}

// Curves of weight gradients time kernels that accumulate in FP32 themselves.
TEST(WeightGradient, WithACurveIsTheEntry) {
  const auto profile =
      small_profile({gemm_entry(1000, 1000, 1000, "20 us"),
                     with(gemm_entry(1000, 2000, 1000, "50 us"), "role", "weight_gradient")});
  EXPECT_DOUBLE_EQ(micro(profile.gemm(weight_gradient(1000, 2000, 1000, NumberFormat::fp8))), 50);
  EXPECT_DOUBLE_EQ(micro(profile.gemm(weight_gradient(2000, 1000, 1000, NumberFormat::fp8), 4)), 50);
}

AttentionShape prefill(double queries) {
  return {.heads = 16, .qk_dim = 192, .v_dim = 128, .queries = queries};
}

TEST(Attention, IsAskedByQueries) {
  const auto profile = small_profile({kAttention});
  EXPECT_DOUBLE_EQ(micro(profile.attention(prefill(1000))), 100);
  EXPECT_EQ(profile.attention(prefill(1000)).provenance, Provenance::published);
  EXPECT_EQ(profile.attention(prefill(1000)).grade, Grade::exact);
}

TEST(Attention, IsThreeTimesAsLongBackward) {
  const auto profile = small_profile({kAttention});
  const TimeEstimate out = profile.attention(prefill(1000), AttentionRole::backward);
  EXPECT_DOUBLE_EQ(micro(out), 300);
  EXPECT_DOUBLE_EQ(out.p10, 250e-6);
  EXPECT_DOUBLE_EQ(out.p90, 350e-6);
  EXPECT_EQ(out.provenance, Provenance::derived);
  EXPECT_DOUBLE_EQ(
      micro(small_profile({kAttention}, {"trace"}).attention(prefill(1000), AttentionRole::backward)), 200);
}

// 10 MB at 0.5 of 1 TB/s, between 0.8 and 0.4 of it; never under the floor.
TEST(SmallKernels, AreBoundByMemoryOrTheFloor) {
  const auto profile = small_profile({kAttention});
  const TimeEstimate large = profile.small(Bytes(10e6));
  EXPECT_DOUBLE_EQ(micro(large), 20);
  EXPECT_DOUBLE_EQ(large.p10, 12.5e-6);
  EXPECT_DOUBLE_EQ(large.p90, 25e-6);
  EXPECT_EQ(large.provenance, Provenance::assumed);
  const TimeEstimate tiny = profile.small(Bytes(1));
  EXPECT_DOUBLE_EQ(micro(tiny), 2);
  EXPECT_DOUBLE_EQ(tiny.p10, 1e-6);
  EXPECT_DOUBLE_EQ(tiny.p90, 4e-6);
}

TEST(Profile, NamesTheNearestConstant) {
  try {
    (void)small_profile({kAttention}).value("gemm_eficiency");
    ADD_FAILURE() << "found";
  } catch (const CalibrationError& error) {
    EXPECT_EQ(error.file, "small.json");
    EXPECT_EQ(error.hint, "did you mean 'gemm_efficiency'?");
  }
}

}  // namespace
}  // namespace moesim
