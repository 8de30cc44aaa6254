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
         {"gemm.", "context_attention.", "generation_attention.", "context_mla.", "generation_mla.", "nccl.",
          "moe.", "wideep_context_moe.", "wideep_generation_moe.", "wideep_deepep_ll.",
          "wideep_deepep_normal.", "mla_bmm.", "custom_allreduce."}) {
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

const HeldOutError& held_out(const CalibrationProfile& profile, std::string_view name) {
  for (const HeldOutError& error : profile.file().held_out) {
    if (error.name == name && error.kind == "all") return error;
  }
  throw std::runtime_error("no held-out error");
}

// Every point and every curve predicted by a fit that did not see it.
TEST(ShippedAttention, ComesBackWhereItWasHeldOut) {
  for (const std::string name : {"h100-sxm", "h200-sxm"}) {
    const CalibrationProfile profile = load_profile(name);
    EXPECT_LT(held_out(profile, "mla_decode").median_error, 0.02) << name;
    EXPECT_LT(held_out(profile, "mla_decode").p90_error, 0.08) << name;
    EXPECT_LT(held_out(profile, "mla_prefill").median_error, 0.03) << name;
    EXPECT_LT(held_out(profile, "mla_prefill").p90_error, 0.08) << name;
    EXPECT_LT(held_out(profile, "gqa_decode").median_error, 0.04) << name;
    EXPECT_LT(held_out(profile, "gqa_prefill").median_error, 0.05) << name;
  }
}

// Microseconds of aiconfigurator's tables, 1 query token.
TEST(ShippedAttention, HasTheLatentDecodeOfTheTables) {
  struct Row {
    const char* profile;
    double heads, batch, length, microseconds;
  };
  for (const Row& row : std::initializer_list<Row>{{"h100-sxm", 128, 1, 4096, 23.2},
                                                   {"h100-sxm", 128, 128, 16384, 994.9},
                                                   {"h100-sxm", 16, 128, 1024, 68.3},
                                                   {"h200-sxm", 128, 128, 4096, 261.5},
                                                   {"h200-sxm", 16, 128, 4096, 155.8},
                                                   {"h200-sxm", 16, 128, 16384, 561.7}}) {
    const double got = load_profile(row.profile).mla_decode({row.heads, 1, row.batch, row.length}).seconds;
    EXPECT_NEAR(got * 1e6 / row.microseconds, 1, 0.03) << row.profile << " " << row.length;
  }
}

// Prompts of 128 heads of 192/128.
TEST(ShippedAttention, HasTheLatentPrefillOfTheTables) {
  const auto microseconds = [](const char* profile, double length) {
    return load_profile(profile).attention({128, 192, 128, length}).seconds * 1e6;
  };
  EXPECT_NEAR(microseconds("h100-sxm", 4096) / 1263, 1, 0.03);
  EXPECT_NEAR(microseconds("h100-sxm", 16384) / 18600, 1, 0.03);
  EXPECT_NEAR(microseconds("h200-sxm", 4096) / 1249, 1, 0.03);
  EXPECT_NEAR(microseconds("h200-sxm", 16384) / 19200, 1, 0.03);
}

// Beyond 16,384 tokens, the longest of the tables, prompts keep its rate.
TEST(ShippedAttention, HoldsTheRateOfTheLongestPrompts) {
  for (const std::string name : {"h100-sxm", "h200-sxm", "gb200"}) {
    const CalibrationProfile profile = load_profile(name);
    for (const double heads : {8.0, 16.0, 32.0}) {
      const auto rate = [&](double length) {
        const auto shape = causal(heads, 8, length, 1);
        return shape.flops() / profile.attention(shape).seconds;
      };
      EXPECT_NEAR(rate(32768) / rate(16384), 1, 0.1) << name << " " << heads;
      EXPECT_NEAR(rate(131072) / rate(32768), 1, 0.02) << name << " " << heads;
    }
  }
}

// Twice the batch or length never takes less than the repeat error below the time; nothing is faster than the
// GPU.
TEST(ShippedAttention, GrowsWithBatchAndLength) {
  const CalibrationProfile profile = load_profile("h200-sxm");
  const double bandwidth = profile.gpu().hbm_bandwidth.value();
  for (const double heads : {16.0, 24.0, 128.0}) {
    for (const double batch : {1.0, 3.0, 24.0, 100.0}) {
      for (double length = 500; length < 100000; length *= 1.7) {
        const MlaDecodeShape shape{heads, 1, batch, length};
        const double here = profile.mla_decode(shape).seconds;
        EXPECT_GT(here, shape.bytes() / bandwidth);
        EXPECT_GT(profile.mla_decode({heads, 1, batch, 2 * length}).seconds, 0.97 * here);
        EXPECT_GT(profile.mla_decode({heads, 1, 2 * batch, length}).seconds, 0.97 * here);
      }
    }
  }
}

}  // namespace
}  // namespace moesim
