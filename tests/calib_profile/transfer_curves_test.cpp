// Dispatch and combine of experts between points and without any.
#include "calib/profile/transfer_curves.hpp"

#include <gtest/gtest.h>

#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::small_profile;
using enum TimedOperator;

/// Without a timed operator.
CalibrationProfile bare_profile() {
  return small_profile({test::entry("link", R"("name": "nic", "bandwidth": "50 GB/s")")});
}

// Of 256 experts, top-8: 4 groups 3.6, 8 groups 5.25 (choices with return; 5.295 without).
TEST(DistinctGroups, ApproachesTheChoices) {
  EXPECT_EQ(distinct_groups(1, 8), 1);
  EXPECT_NEAR(distinct_groups(4, 8), 4 * (1 - 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75), 1e-12);
  EXPECT_NEAR(distinct_groups(1e6, 8), 8, 1e-3);
}

// 7168 x (1 + 4/128) + 16 = 7408 B a row, 14336 B in BF16.
TEST(TransferShape, CountsRowBytes) {
  EXPECT_EQ((TransferShape{dispatch_low_latency, 8, 128, 8, 7168}.row_bytes()), 7408);
  EXPECT_EQ((TransferShape{dispatch_normal, 8, 128, 8, 7168}.row_bytes()), 7392);
  EXPECT_EQ((TransferShape{combine_low_latency, 8, 128, 8, 7168}.row_bytes()), 14336);
}

// Inside a node 128 x 8 x 7408 B over 0.68 x 450 GB/s = 24.8 us behind 12 us; over 2 nodes half of the rows
// over 47.5 GB/s = 79.9 us behind 24 us.
TEST(TransferLaw, TakesTheSlowerLink) {
  const TransferLinks links{450e9, 47.5e9};
  EXPECT_NEAR(transfer_law({dispatch_low_latency, 8, 128, 8, 7168}, links), 36.8e-6, 0.1e-6);
  EXPECT_NEAR(transfer_law({dispatch_low_latency, 16, 128, 8, 7168}, links), 103.9e-6, 0.1e-6);
}

// The published table of an H800: the law is 3 to 16 % low, never high.
TEST(TransferLaw, IsNearThePublishedLowLatency) {
  const TransferLinks links{200e9, 47.5e9};
  const auto over = [&](TimedOperator op, double ep, double microseconds) {
    return transfer_law({op, ep, 128, 8, 7168}, links) * 1e6 / microseconds;
  };
  for (const auto& [ep, dispatch, combine] :
       {std::tuple{16, 118, 195}, {32, 155, 273}, {64, 173, 314}, {128, 192, 369}, {256, 194, 360}}) {
    EXPECT_GT(over(dispatch_low_latency, ep, dispatch), 0.82) << ep;
    EXPECT_LT(over(dispatch_low_latency, ep, dispatch), 1.03) << ep;
    EXPECT_GT(over(combine_low_latency, ep, combine), 0.82) << ep;
    EXPECT_LT(over(combine_low_latency, ep, combine), 1.03) << ep;
  }
}

// 4 SMs have a fifth of the rate of 20; 24 no more.
TEST(TransferLaw, DividesNormalTransfersBySms) {
  const TransferLinks links{450e9, 47.5e9};
  const auto seconds = [&](double sms) {
    return transfer_law({dispatch_normal, 8, 4096, 8, 7168, sms}, links) - 27e-6;
  };
  EXPECT_NEAR(seconds(4) / seconds(20), 5, 1e-9);
  EXPECT_EQ(seconds(24), seconds(20));
}

Json point(const std::string& op, const std::string& axes, const std::string& time,
           const std::string& gpu = "G100") {
  Json out = entry(op, R"("axes": {)" + axes + R"(}, "time": ")" + time + "\"");
  out["gpu"] = gpu;
  return out;
}

Json low_latency(int ep, int tokens, const std::string& time, const std::string& gpu = "G100") {
  return point("dispatch_low_latency",
               "\"ep\": " + std::to_string(ep) + ", \"tokens\": " + std::to_string(tokens) +
                   R"(, "top_k": 8, "hidden": 7168, "experts": 256)",
               time, gpu);
}

// Several loads at EP8 make a curve; 32 tokens lie between 16 and 64; at EP16, which has one load, its point
// is scaled. What another GPU timed at EP8 gives way.
TEST(TransferCurves, AnswerBetweenLoads) {
  const auto profile =
      small_profile({low_latency(8, 16, "20 us"), low_latency(8, 64, "30 us"),
                     low_latency(8, 128, "500 us", "Other"), low_latency(64, 128, "170 us")});
  const auto at = [&](double ep, double tokens) {
    return profile.low_latency(dispatch_low_latency, ep, tokens, 8, 7168);
  };
  EXPECT_DOUBLE_EQ(at(8, 16).seconds, 20e-6);
  EXPECT_EQ(at(8, 16).grade, Grade::exact);
  EXPECT_GT(at(8, 32).seconds, 20e-6);
  EXPECT_LT(at(8, 32).seconds, 30e-6);
  EXPECT_LT(at(8, 128).seconds, 60e-6);
  EXPECT_DOUBLE_EQ(at(64, 128).seconds, 170e-6);
  EXPECT_EQ(at(64, 64).grade, Grade::held);
  EXPECT_EQ(at(4, 16).grade, Grade::carried);
}

TEST(LowLatency, FollowsTheLawWithoutEntries) {
  const auto out = bare_profile().low_latency(combine_low_latency, 8, 128, 8, 7168);
  EXPECT_EQ(out.grade, Grade::rule);
  EXPECT_EQ(out.provenance, Provenance::assumed);
  EXPECT_NEAR(out.seconds, 12e-6 + 128 * 8 * 14336 / (0.57 * 200e9), 1e-9);
}

TEST(LowLatency, IsRefusedWhereItsSourceIsLeftOut) {
  const auto profile = small_profile({low_latency(8, 16, "20 us")}, {"table"});
  EXPECT_THROW((void)profile.low_latency(dispatch_low_latency, 8, 16, 8, 7168), CalibrationError);
}

TEST(NormalTransfer, IsACurveOverTokensAndSms) {
  const auto normal = [](int tokens, int sms, const std::string& time) {
    return point("dispatch_normal",
                 "\"ep\": 8, \"tokens\": " + std::to_string(tokens) +
                     R"(, "top_k": 8, "hidden": 7168, "sms": )" + std::to_string(sms),
                 time);
  };
  const auto profile =
      small_profile({normal(1024, 20, "160 us"), normal(4096, 20, "490 us"), normal(4096, 4, "2070 us")});
  const auto seconds = [&](double tokens, double sms) {
    return profile.normal_transfer({dispatch_normal, 8, tokens, 8, 7168, sms}).seconds;
  };
  EXPECT_DOUBLE_EQ(seconds(4096, 4), 2070e-6);
  EXPECT_DOUBLE_EQ(seconds(4096, 0), 490e-6);  // the usual 20
  EXPECT_GT(seconds(2048, 20), 160e-6);
  EXPECT_LT(seconds(2048, 20), 490e-6);
  EXPECT_EQ(profile.normal_transfer({combine_normal, 8, 4096, 8, 7168, 20}).grade, Grade::rule);
}

}  // namespace
}  // namespace moesim
