// The shipped profiles that were made of tables.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "calib/fit/fit.hpp"
#include "calib/import/import_tables.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {
namespace {

namespace fs = std::filesystem;

struct MadeProfile {
  std::string name;
  std::string folder;
  std::string source;
};

fs::path shared_tables(const std::string& folder) {
  const char* shared = std::getenv("MOESIM_SHARED_DATA");
  return fs::path(shared != nullptr ? shared : "../shared/data") / "kernels" / folder;
}

class MadeOfTables : public testing::TestWithParam<MadeProfile> {};

// calib/import/remake.sh does the same from the command line.
TEST_P(MadeOfTables, ComesOutAgain) {
  const fs::path folder = shared_tables(GetParam().folder);
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no tables: " << folder << " is not there";
  TableImport import;
  for (const auto& file : fs::directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    for (const std::string table :
         {"gemm.", "context_attention.", "nccl.", "moe.", "wideep_context_moe.", "wideep_generation_moe.",
          "wideep_deepep_ll.", "wideep_deepep_normal.", "mla_bmm.", "custom_allreduce."}) {
      if (name.starts_with(table)) import.files.push_back(file.path());
    }
  }
  import.source = GetParam().source;
  import.base = read_profile_file("calib/import/bases/" + GetParam().name + ".json");
  ImportReport report;
  const std::vector<ProfileFile> points{import_tables(import, report)};
  FitReport fitted;
  const std::string text = profile_text(fit(*import.base, points, fitted));
  std::ifstream in("calib/profiles/" + GetParam().name + ".json", std::ios::binary);
  EXPECT_TRUE(text == std::string(std::istreambuf_iterator<char>(in), {}))
      << "run calib/import/remake.sh MOESIM TABLES";
  for (const TableCount& count : report.tables)
    EXPECT_LT(count.unused + count.suspect, count.read) << count.file;
}

TEST_P(MadeOfTables, StaysSmall) {
  EXPECT_LT(fs::file_size("calib/profiles/" + GetParam().name + ".json"), 900'000U);
}

INSTANTIATE_TEST_SUITE_P(All, MadeOfTables,
                         testing::Values(MadeProfile{"h100-sxm", "h100_sxm", "h100-kernel-tables"},
                                         MadeProfile{"h200-sxm", "h200_sxm", "h200-kernel-tables"},
                                         MadeProfile{"gb200", "gb200", "gb200-kernel-tables"}),
                         [](const auto& info) { return info.param.folder; });

AttentionShape causal(double heads, double kv_heads, double length, double sequences) {
  return {heads, 128, 128, length, 0, sequences, true, kv_heads};
}

// Practice on H100: 550 to 620 TFLOP/s forward and 430 to 520 backward (2.5 times the operations) in long
// sequences.
TEST(H100Profile, HasTheAttentionRatesOfPractice) {
  const CalibrationProfile profile = load_profile("h100-sxm");
  for (const double length : {8192.0, 12288.0, 16384.0}) {
    const auto shape = causal(32, 8, length, 1);
    const double forward = shape.flops() / profile.attention(shape).seconds;
    const double backward = 2.5 * shape.flops() / profile.attention(shape, AttentionRole::backward).seconds;
    EXPECT_GT(forward, 550e12) << length;
    EXPECT_LT(forward, 640e12) << length;
    EXPECT_GT(backward, 430e12) << length;
    EXPECT_LT(backward, 530e12) << length;
  }
}

// Large BF16 GEMMs run at 650 to 820 TFLOP/s; a weight gradient adds 8 B per parameter.
TEST(H100Profile, TimesTrainingInBf16) {
  const CalibrationProfile profile = load_profile("h100-sxm");
  const GemmShape forward{NumberFormat::bf16, 8192, 8192, 8192};
  const double rate = forward.flops() / profile.gemm(forward).seconds;
  EXPECT_GT(rate, 650e12);
  EXPECT_LT(rate, 820e12);
  GemmShape weight = forward;
  weight.role = GemmRole::weight_gradient;
  const double traffic = 8.0 * 8192 * 8192 / (0.85 * 3.35e12);
  EXPECT_NEAR(profile.gemm(weight).seconds, profile.gemm(forward).seconds / 0.95 + traffic, 1e-9);
  EXPECT_EQ(profile.gemm(weight).provenance, Provenance::assumed);
}

// nccl-tests on 8 H100s: 512 MB take 1401 us in an all-gather, 1490 us in an all-to-all.
TEST(H100Profile, HasTheCollectivesOfTheTables) {
  const CalibrationProfile profile = load_profile("h100-sxm");
  const auto microseconds = [&](TimedOperator op) {
    return profile.nccl_time(op, 8, Bytes(512.0 * 1024 * 1024))->seconds * 1e6;
  };
  EXPECT_NEAR(microseconds(TimedOperator::all_gather), 1401, 1);
  EXPECT_NEAR(microseconds(TimedOperator::all_to_all), 1490, 1);
  EXPECT_NEAR(microseconds(TimedOperator::all_reduce), 2111, 1);
}

}  // namespace
}  // namespace moesim
