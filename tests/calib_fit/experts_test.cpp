// Experts and expert transfers of the shipped profiles against their tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "calib/fit/fit_rule.hpp"
#include "calib/import/expert_load.hpp"
#include "calib/profile/profile.hpp"
#include "tests/calib_fit/points.hpp"

namespace moesim {
namespace {

/// One line of the tables of a GPU: microseconds of the fullest GPU with uniform load and with exponents 0.6,
/// 1.01 and 1.2, 7168 x 2048, FP8, 256 experts, top-8. 0: not asked.
struct SkewRow {
  const char* profile;
  std::string_view kernel;
  std::int64_t ep;
  std::int64_t tokens;
  std::array<double, 4> microseconds;
};
constexpr std::array<double, 4> kExponents{0, 0.6, 1.01, 1.2};

ExpertShape shape_of(const SkewRow& row, double exponent) {
  const LoadRule rule{row.tokens, 256, 8, row.ep};
  const double each = static_cast<double>(row.tokens) * 8 / 256;
  const double local = 256.0 / static_cast<double>(row.ep);
  const ExpertLoad load =
      exponent > 0 ? power_law_load(rule, exponent) : ExpertLoad{each * local, local, each};
  ExpertShape shape{NumberFormat::fp8, 7168, 2048, load.touched, load.rows, load.max_rows};
  if (row.kernel == kExpertsNormal) shape.tokens = static_cast<double>(row.tokens);
  return shape;
}

class ExpertsUnderSkew : public testing::TestWithParam<SkewRow> {};

// Five unseeded draws were timed: 20 % is two and a half times what they leave of the load.
TEST_P(ExpertsUnderSkew, ComeBack) {
  const SkewRow& row = GetParam();
  const CalibrationProfile profile = load_profile(row.profile);
  double last = 0;
  for (std::size_t i = 0; i < kExponents.size(); ++i) {
    const auto out = profile.expert_mlp(shape_of(row, kExponents[i]), row.kernel);
    EXPECT_NEAR(out.seconds * 1e6 / row.microseconds[i], 1, 0.2) << kExponents[i];
    EXPECT_LT(out.grade, Grade::rule);
    EXPECT_GT(out.seconds, last);
    last = out.seconds;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tables, ExpertsUnderSkew,
    testing::Values(SkewRow{"h100-sxm", kExpertsLowLatency, 32, 4096, {161.8, 223.7, 252.4, 315.8}},
                    SkewRow{"h100-sxm", kExpertsLowLatency, 64, 4096, {92.4, 141.4, 182.7, 223.2}},
                    SkewRow{"h100-sxm", kExpertsNormal, 8, 16384, {1621, 2113, 2496, 3053}},
                    SkewRow{"h100-sxm", kExpertsNormal, 32, 16384, {639, 911, 1285, 1531}},
                    SkewRow{"h200-sxm", kExpertsLowLatency, 32, 4096, {124.2, 192.3, 238.4, 341.2}},
                    SkewRow{"h200-sxm", kExpertsNormal, 32, 16384, {575, 869, 1099, 1462}},
                    SkewRow{"h200-sxm", kExpertsNormal, 64, 16384, {430, 609, 836, 1176}}));

/// A median and a 90th percentile that the fit of a profile may not exceed.
struct Figure {
  const char* profile;
  const char* name;
  double median;
  double p90;
};
class HeldOutFigures : public testing::TestWithParam<Figure> {};

TEST_P(HeldOutFigures, AreReached) {
  const CalibrationProfile profile = load_profile(GetParam().profile);
  const auto& held_out = profile.file().held_out;
  const auto at = std::find_if(held_out.begin(), held_out.end(), [](const HeldOutError& error) {
    return error.name == GetParam().name && error.kind == "all";
  });
  ASSERT_NE(at, held_out.end());
  EXPECT_LE(at->median_error, GetParam().median);
  EXPECT_LE(at->p90_error, GetParam().p90);
  EXPECT_GT(at->held_out_points, 500);
}

INSTANTIATE_TEST_SUITE_P(All, HeldOutFigures,
                         testing::Values(Figure{"h100-sxm", "expert_mlp", 0.05, 0.12},
                                         Figure{"h200-sxm", "expert_mlp", 0.05, 0.12},
                                         Figure{"gb200", "expert_mlp", 0.05, 0.12},
                                         Figure{"h100-sxm", "dispatch_low_latency", 0.03, 0.08},
                                         Figure{"h200-sxm", "dispatch_low_latency", 0.03, 0.08},
                                         Figure{"h100-sxm", "dispatch_normal", 0.03, 0.1},
                                         Figure{"h200-sxm", "dispatch_normal", 0.03, 0.1}));

// Law and points differ by a constant 1.3: two points say all there is, whatever their order.
TEST(NeededExpertMlps, AreThoseThatOthersDoNotGiveBack) {
  const GpuFacts gpu = test::small_gpu();
  std::vector<Entry> points;
  for (const double rows : {16.0, 32.0, 64.0, 160.0, 1600.0, 16000.0}) {
    const ExpertShape shape{NumberFormat::fp8, 1024, 1024, 16, rows};
    points.push_back(test::point(
        TimedOperator::expert_mlp,
        {{"hidden", 1024}, {"inter", 1024}, {"experts", 16}, {"rows", rows}, {"max_rows", rows / 16}},
        1.3 * expert_carrier(shape, gpu, 0)));
    points.back().format = NumberFormat::fp8;
  }
  const auto kept = needed_expert_mlps(points, gpu);
  EXPECT_TRUE(kept[0]);  // the shortest
  EXPECT_LT(std::count(kept.begin(), kept.end(), true), 5);
  points[4].time = Seconds(10 * points[4].time->value());
  EXPECT_TRUE(needed_expert_mlps(points, gpu)[4]);
}

}  // namespace
}  // namespace moesim
