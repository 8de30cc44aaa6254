#include "sim/planner/capacity/slo_records.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace moesim {
namespace {

RequestRecord request(double ttft_s, double e2e_s, std::int64_t output_tokens = 2) {
  RequestRecord record;
  record.arrival_s = 10;
  record.first_token_s = 10 + ttft_s;
  record.end_s = 10 + e2e_s;
  record.output_tokens = output_tokens;
  return record;
}

// 100 requests at 0.1, 0.2, ... 10 s: 99 are within 9.9 s, so the 99th percentile is 9.9 s.
TEST(SloRecords, APercentileIsTheTimeThatTheShareIsWithin) {
  const auto holds = [](double limit_s) {
    SloRecords records({{SloFigure::ttft, limit_s, 0.99}});
    for (int i = 1; i <= 100; ++i) records.add(request(0.1 * i, 20));
    const TargetOutcome outcome = records.outcomes()[0];
    EXPECT_NEAR(outcome.value_s, 9.9, 0.002 * 9.9);
    EXPECT_EQ(outcome.requests, 100);
    return outcome.holds;
  };
  EXPECT_TRUE(holds(9.905));
  EXPECT_FALSE(holds(9.895));
}

// Of 100 requests one may miss a p99: with two that did, 98 at most can be within. Of 300 three may.
TEST(SloRecords, ATargetIsSurelyMissedWhenTheRestCannotMakeUpForIt) {
  SloRecords records({{SloFigure::e2e, 1000, 0.99}, {SloFigure::ttft, 1, 0.99}});
  records.add(request(2, 3));
  EXPECT_FALSE(records.surely_missed(100));
  records.add(request(2, 3));
  EXPECT_TRUE(records.surely_missed(100));
  EXPECT_FALSE(records.surely_missed(300));
  for (int i = 0; i < 98; ++i) records.add(request(0.5, 1));
  EXPECT_TRUE(records.surely_missed(100));
  EXPECT_FALSE(records.outcomes()[1].holds);
}

TEST(SloRecords, RejectedRequestsAreMisses) {
  SloRecords records({{SloFigure::ttft, 1, 0.99}, {SloFigure::tpot, 1, 0.5}});
  for (int i = 0; i < 98; ++i) records.add(request(0.5, 1));
  RequestRecord rejected = request(0, 0);
  rejected.rejected = true;
  for (int i = 0; i < 2; ++i) records.add(rejected);
  const auto outcomes = records.outcomes();
  EXPECT_FALSE(outcomes[0].holds);
  EXPECT_TRUE(std::isinf(outcomes[0].value_s));
  EXPECT_EQ(outcomes[0].misses, 2);
  EXPECT_TRUE(outcomes[1].holds);
}

// A backlog: half of the requests came and were never served while the rest was quick.
TEST(SloRecords, WhatIsLeftBehindLongerThanTheLimitIsAMiss) {
  SloRecords records({{SloFigure::ttft, 1, 0.9}});
  for (int i = 0; i < 50; ++i) records.add(request(0.1, 0.2));
  RequestRecord old = request(0, 5);      // waited for 5 s
  RequestRecord young = request(0, 0.5);  // for half a second: nobody knows yet
  for (int i = 0; i < 50; ++i) records.add_unfinished(old);
  for (int i = 0; i < 50; ++i) records.add_unfinished(young);
  const TargetOutcome outcome = records.outcomes()[0];
  EXPECT_EQ(outcome.requests, 100);
  EXPECT_EQ(outcome.misses, 50);
  EXPECT_FALSE(outcome.holds);
}

TEST(SloRecords, RequestsThatWouldNeverEndMissEveryTarget) {
  SloRecords records({{SloFigure::ttft, 1, 1}, {SloFigure::tpot, 1, 1}, {SloFigure::e2e, 1, 1}});
  records.add_unfinished(request(0, std::numeric_limits<double>::infinity()));
  for (const TargetOutcome& outcome : records.outcomes()) {
    EXPECT_EQ(outcome.misses, 1);
    EXPECT_FALSE(outcome.holds);
  }
}

TEST(SloRecords, OneTokenHasNoTimeBetweenTokensAndWarmUpDoesNotCount) {
  SloRecords records({{SloFigure::tpot, 1, 0.99}});
  records.add(request(1, 1, 1));
  RequestRecord warm_up = request(1, 100);
  warm_up.measured = false;
  records.add(warm_up);
  RequestRecord resident = request(1, 100);
  resident.resident = true;
  records.add(resident);
  EXPECT_EQ(records.outcomes()[0].requests, 0);
  EXPECT_FALSE(records.outcomes()[0].holds);
  records.add(request(1, 1.5));
  EXPECT_NEAR(records.outcomes()[0].value_s, 0.5, 0.001);
}

}  // namespace
}  // namespace moesim
