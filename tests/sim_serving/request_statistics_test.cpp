#include "sim/serving/request_statistics.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace moesim {
namespace {

/// Arrives at 1 s, its first token at 2 s, 11 tokens until 4 s: TTFT 1 s, TPOT 0.2 s, 3 s in all.
RequestRecord record() {
  RequestRecord one;
  one.arrival_s = 1;
  one.start_s = 1.5;
  one.first_token_s = 2;
  one.end_s = 4;
  one.input_tokens = 100;
  one.output_tokens = 11;
  return one;
}

struct Kept final : RequestSink {
  void add(const RequestRecord& one) override { all.push_back(one); }
  std::vector<RequestRecord> all;
};

TEST(RequestStatistics, TimesAreThoseOfTheRequest) {
  RequestStatistics statistics({}, nullptr);
  statistics.add(record());
  EXPECT_DOUBLE_EQ(statistics.ttft_s.mean(), 1);
  EXPECT_DOUBLE_EQ(statistics.tpot_s.mean(), 0.2);
  EXPECT_DOUBLE_EQ(statistics.e2e_s.mean(), 3);
  EXPECT_EQ(statistics.good, 1);
}

TEST(RequestStatistics, OneTokenHasNoTimeBetweenTokens) {
  RequestStatistics statistics({}, nullptr);
  RequestRecord one = record();
  one.output_tokens = 1;
  one.end_s = one.first_token_s;
  statistics.add(one);
  EXPECT_EQ(statistics.tpot_s.total(), 0);
  EXPECT_EQ(statistics.ttft_s.total(), 1);
}

TEST(RequestStatistics, AGoodRequestMeetsEveryLimit) {
  const auto good = [](const SloSpec& slo) {
    RequestStatistics statistics(slo, nullptr);
    statistics.add(record());
    return statistics.good == 1;
  };
  EXPECT_TRUE(good({Seconds(1.0), Seconds(0.2), Seconds(3.0)}));
  EXPECT_FALSE(good({Seconds(0.9), {}, {}}));
  EXPECT_FALSE(good({{}, Seconds(0.19), {}}));
  EXPECT_FALSE(good({{}, {}, Seconds(2.9)}));
}

TEST(RequestStatistics, RejectedAndUnmeasuredOnesHaveNoTimesButArePassedOn) {
  Kept kept;
  RequestStatistics statistics({}, &kept);
  RequestRecord rejected = record();
  rejected.rejected = true;
  RequestRecord early = record();
  early.measured = false;
  statistics.add(rejected);
  statistics.add(early);
  EXPECT_EQ(statistics.rejected, 1);
  EXPECT_EQ(statistics.completed, 0);
  EXPECT_EQ(statistics.ttft_s.total(), 0);
  EXPECT_EQ(kept.all.size(), 2U);
}

}  // namespace
}  // namespace moesim
