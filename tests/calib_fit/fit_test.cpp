// From points to a profile.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "calib/fit/fit.hpp"
#include "calib/profile/entry_table.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/profile_text.hpp"
#include "tests/calib_fit/points.hpp"

namespace moesim {
namespace {

using test::gemm;

ProfileFile fitted(const std::vector<ProfileFile>& files, const ProfileFile& base = test::empty_file()) {
  FitReport report;
  return fit(base, files, report);
}

// Two releases of one point: the shorter time, with the longer as its p90.
TEST(Fit, MergesRepeats) {
  const auto file =
      test::file_of({gemm(1024, 1024, 1024, 60e-6, "Lib 1"), gemm(1024, 1024, 1024, 50e-6, "Lib 2")});
  const ProfileFile out = fitted({file});
  ASSERT_EQ(out.tables.size(), 1U);
  EXPECT_EQ(out.tables.front().kernel, "Lib 2");
  const CalibrationProfile profile(out, {}, "small");
  const auto estimate = profile.gemm({NumberFormat::bf16, 1024, 1024, 1024});
  EXPECT_DOUBLE_EQ(estimate.seconds, 50e-6);
  EXPECT_NEAR(estimate.p90, 60e-6, 1e-12);
}

TEST(Fit, DoesNotDependOnTheOrderOfFiles) {
  const auto a = test::file_of({gemm(1024, 1024, 1024, 60e-6, "Lib 1"), gemm(2048, 1024, 1024, 90e-6)});
  const auto b = test::file_of({gemm(1024, 1024, 1024, 50e-6, "Lib 2")});
  EXPECT_EQ(profile_text(fitted({a, b})), profile_text(fitted({b, a})));
}

TEST(Fit, KeepsTheBaseAsItIs) {
  ProfileFile base = test::empty_file();
  base.entries = {gemm(16, 1024, 1024, 5e-6)};
  base.entries.front().num_samples = 7;
  ProfileFile file = test::file_of({gemm(1024, 1024, 1024, 60e-6)});
  file.entries = base.entries;
  const ProfileFile out = fitted({file}, base);
  ASSERT_EQ(out.entries.size(), 1U);
  EXPECT_EQ(out.entries[0].num_samples, 7);
  EXPECT_EQ(out.tables.at(0).rows.size(), 1U);
}

// What no curve is made of passes through, once.
TEST(Fit, PassesOthersThrough) {
  ProfileFile file = test::file_of({gemm(1024, 1024, 1024, 60e-6)});
  Entry link = test::point(TimedOperator::link, {}, 2e-6);
  link.name = "nvlink_latency";
  file.entries = {link};
  const ProfileFile out = fitted({file, file});
  ASSERT_EQ(out.entries.size(), 1U);
  EXPECT_EQ(out.entries[0].name, "nvlink_latency");
  EXPECT_EQ(out.sources.size(), 1U);
}

// The spread and the samples of a measured point have columns in a table, but none in a grid.
TEST(Fit, KeepsSamplesOfMeasuredPoints) {
  ProfileFile file = test::empty_file();
  Entry measured = gemm(1024, 1024, 1024, 60e-6);
  measured.num_samples = 30;
  measured.p10 = 0.9;
  Entry beside = measured;  // no curve is made of it
  beside.regime = Regime::sustained;
  file.entries = {measured, beside, gemm(2048, 1024, 1024, 90e-6)};
  const ProfileFile out = fitted({file});
  EXPECT_TRUE(out.entries.empty());
  ASSERT_EQ(out.tables.size(), 3U);
  int num_measured = 0;
  for (const EntryTable& table : out.tables) {
    for (const Entry& entry : entries_of(table)) {
      if (entry.num_samples == 0) continue;
      ++num_measured;
      EXPECT_EQ(entry.num_samples, 30);
      EXPECT_EQ(entry.p10, 0.9);
    }
  }
  EXPECT_EQ(num_measured, 2);
}

TEST(Fit, StoresTheErrorAndReadsBack) {
  std::vector<Entry> points;
  for (const double m : {1, 16, 64, 128, 256, 512, 1024, 2048}) {
    for (const double n : {512, 1024, 2048, 4096}) points.push_back(gemm(m, n, 2048, 4e-6 + 1e-11 * m * n));
  }
  const ProfileFile out = fitted({test::file_of(points)});
  ASSERT_FALSE(out.held_out.empty());
  EXPECT_EQ(out.held_out[0].name, "gemm_bf16");
  const std::string text = profile_text(out);
  EXPECT_EQ(profile_text(read_spec<ProfileFile>(parse_json(text, "text"), "text")), text);
}

TEST(Fit, RefusesPointsOfAnotherGpuAndNone) {
  ProfileFile other = test::file_of({gemm(1024, 1024, 1024, 60e-6)});
  other.gpu.name = "Vendor G200";
  EXPECT_THROW((void)fitted({other}), SpecError);
  EXPECT_THROW((void)fitted({}), SpecError);
}

}  // namespace
}  // namespace moesim
