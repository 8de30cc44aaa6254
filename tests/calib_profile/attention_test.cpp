// Attention of prompts and of decode.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/profile/predict.hpp"
#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::small_profile;

double micro(const TimeEstimate& estimate) {
  return estimate.seconds * 1e6;
}

Json prefill_entry(double heads, double length, double microseconds, const std::string& rest = "") {
  return entry("attention_prefill",
               fmt::format(R"("axes": {{"heads": {}, "qk_dim": 192, "v_dim": 128, "length": {}}},
                           "time": "{} us"{})",
                           heads, length, microseconds, rest));
}

Json decode_entry(double heads, double batch, double length, double microseconds,
                  const std::string& rest = "") {
  return entry("mla_decode", fmt::format(R"("axes": {{"heads": {}, "queries": 1, "batch": {}, "length": {}}},
                                         "time": "{} us"{})",
                                         heads, batch, length, microseconds, rest));
}

AttentionShape prompts(double heads, double queries, double sequences = 1) {
  return {.heads = heads, .qk_dim = 192, .v_dim = 128, .queries = queries, .sequences = sequences};
}

// One point: 10 us of start and its rate. Times of others are 100/110 of 10 us + 100 us x FLOPs ratio.
TEST(Attention, OnePointCarriesItsUtilisation) {
  const auto profile = small_profile({prefill_entry(16, 1000, 100)});
  const auto carried = [](double work) { return 100.0 / 110 * (10 + 100 * work); };
  EXPECT_NEAR(micro(profile.attention(prompts(16, 2000))), carried(4), 1e-6);
  EXPECT_NEAR(micro(profile.attention(prompts(16, 1000, 3))), carried(3), 1e-6);
  EXPECT_NEAR(micro(profile.attention(prompts(64, 1000))), carried(4), 1e-6);
  AttentionShape narrow = prompts(16, 1000);  // 64 + 64 of 192 + 128
  narrow.qk_dim = narrow.v_dim = 64;
  EXPECT_NEAR(micro(profile.attention(narrow)), carried(0.4), 1e-6);
  EXPECT_EQ(profile.attention(prompts(16, 2000)).grade, Grade::held);
  EXPECT_EQ(profile.attention(narrow).grade, Grade::carried);
  EXPECT_EQ(profile.attention(narrow).provenance, Provenance::derived);
}

// 12 pairs a query: 1,000 queries behind 1,000 have the FLOPs of 3 x 1,000^2 / 2 pairs, as 1,732 queries have
// alone. Rates rise with length here, so equal queries are slower: 3 x the time of 1,000.
TEST(Attention, CachedTokensTakeTheSlowerRate) {
  const auto profile =
      small_profile({prefill_entry(16, 1000, 100), prefill_entry(16, 1732.0508075688772, 200)});
  AttentionShape cached = prompts(16, 1000);
  cached.cached = 1000;
  EXPECT_NEAR(micro(profile.attention(cached)), 300, 1e-9);
  EXPECT_EQ(profile.attention(cached).provenance, Provenance::derived);
  // Falling rates: equal FLOPs are slower.
  const auto falling =
      small_profile({prefill_entry(16, 1000, 100), prefill_entry(16, 1732.0508075688772, 400)});
  EXPECT_NEAR(micro(falling.attention(cached)), 400, 1e-3);
  AttentionShape full = prompts(16, 1000);  // twice the pairs
  full.causal = false;
  EXPECT_NEAR(micro(profile.attention(full)), 200, 1e-9);
}

TEST(Attention, APartOfASequenceFillsTheGpuLikeAWholeOne) {
  const auto profile = small_profile({prefill_entry(16, 1000, 100)});
  EXPECT_NEAR(micro(profile.attention(prompts(16, 1000, 1.0 / 16))), 100.0 / 16, 1e-9);
}

TEST(Attention, ATimedBackwardStandsBeforeTheRatio) {
  const auto profile = small_profile(
      {prefill_entry(16, 1000, 100), prefill_entry(16, 1000, 275, R"(, "role": "input_gradient")")});
  EXPECT_NEAR(micro(profile.attention(prompts(16, 1000), AttentionRole::backward)), 275, 1e-9);
  EXPECT_NEAR(micro(profile.attention(prompts(16, 1000))), 100, 1e-9);
}

// 1e12 FLOPs at half of 100 TFLOP/s and 10 us of start.
TEST(Attention, WithoutAnyEntryIsARule) {
  const auto profile = small_profile({test::gemm_entry(1, 1, 1, "1 us")});
  const TimeEstimate out = profile.attention(prompts(31.25, 10000));
  EXPECT_NEAR(micro(out), 20010, 1e-6);
  EXPECT_EQ(out.grade, Grade::rule);
  EXPECT_EQ(out.provenance, Provenance::assumed);
  EXPECT_LT(out.p10, out.seconds);
  EXPECT_GT(out.p90, out.seconds);
}

TEST(Attention, LeftOutSourcesAreRefused) {
  const auto profile = small_profile({prefill_entry(16, 1000, 100), decode_entry(16, 1, 1024, 20),
                                      test::gemm_entry(1, 1, 1, "1 us", "bf16")},
                                     {"table"});
  EXPECT_THROW((void)profile.attention(prompts(16, 1000)), CalibrationError);
  EXPECT_THROW((void)profile.mla_decode({16, 1, 1, 1024}), CalibrationError);
}

TEST(MlaDecode, CountsTheCacheOnce) {
  const MlaDecodeShape shape{16, 2, 8, 1000};
  EXPECT_DOUBLE_EQ(shape.flops(), 2.0 * 8 * 2 * 16 * 1000 * 1088);
  EXPECT_DOUBLE_EQ(shape.bytes(), 8.0 * (1000 * 1152 + 2 * 2 * 16 * 1088));
}

TEST(MlaDecode, HitsItsPointsAndGrows) {
  std::vector<Json> rows;
  const auto profile = small_profile({decode_entry(16, 8, 1024, 30), decode_entry(16, 8, 4096, 90),
                                      decode_entry(16, 64, 1024, 170), decode_entry(16, 64, 4096, 650)});
  EXPECT_NEAR(micro(profile.mla_decode({16, 1, 8, 4096})), 90, 1e-9);
  EXPECT_EQ(profile.mla_decode({16, 1, 8, 4096}).grade, Grade::exact);
  EXPECT_EQ(profile.mla_decode({16, 1, 8, 2048}).grade, Grade::interpolated);
  EXPECT_EQ(profile.mla_decode({16, 1, 8, 8192}).grade, Grade::held);
  EXPECT_EQ(profile.mla_decode({16, 1, 16, 2048}).grade, Grade::carried);
  for (double batch = 4; batch <= 128; batch *= 1.5) {
    for (double length = 256; length <= 65536; length *= 1.5) {
      const double here = profile.mla_decode({16, 1, batch, length}).seconds;
      EXPECT_LT(here, profile.mla_decode({16, 1, batch, 1.5 * length}).seconds) << batch << " " << length;
      EXPECT_LT(here, profile.mla_decode({16, 1, 1.5 * batch, length}).seconds) << batch << " " << length;
    }
  }
}

TEST(MlaDecode, AnUntimedCacheFormatTakesTheTimeOfBf16) {
  const auto profile = small_profile({decode_entry(16, 8, 1024, 30)});
  const TimeEstimate out = profile.mla_decode({16, 1, 8, 1024, NumberFormat::fp8});
  EXPECT_NEAR(micro(out), 30, 1e-9);
  EXPECT_EQ(out.grade, Grade::carried);
  const auto both =
      small_profile({decode_entry(16, 8, 1024, 30), decode_entry(16, 8, 1024, 20, R"(, "format": "fp8")")});
  EXPECT_NEAR(micro(both.mla_decode({16, 1, 8, 1024, NumberFormat::fp8})), 20, 1e-9);
}

// 1,152 MB at 0.8 of 1 TB/s; 10 us of start.
TEST(MlaDecode, WithoutAnEntryIsARule) {
  const auto profile = small_profile({test::gemm_entry(1, 1, 1, "1 us")});
  const TimeEstimate out = profile.mla_decode({1, 1, 1, 1e6});
  EXPECT_NEAR(micro(out), 10 + 1440, 0.01);
  EXPECT_EQ(out.grade, Grade::rule);
  EXPECT_NEAR(micro(profile.gqa_decode({128, 8, 1, 1, 1e6})), 10 + 640, 0.01);
}

TEST(GqaDecode, IsPredictedAtItsPoint) {
  const auto profile = small_profile({entry(
      "gqa_decode",
      R"("axes": {"head_dim": 128, "heads": 64, "kv_heads": 8, "batch": 4, "length": 1000}, "time": "25 us")")});
  EXPECT_NEAR(micro(profile.gqa_decode({128, 64, 8, 4, 1000})), 25, 1e-9);
  EXPECT_NEAR(micro(*predict(profile, profile.entries().front())), 25, 1e-9);
}

}  // namespace
}  // namespace moesim
