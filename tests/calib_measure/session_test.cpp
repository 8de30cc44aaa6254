#include "calib/measure/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "calib/measure/suite_text.hpp"
#include "tests/calib_measure/fake_measurer.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

struct Session : testing::Test {
  test::OwnFile file{"session.ndjson"};
  test::FakeMeasurer machine;
  SessionOptions options = test::fake_options();
  std::vector<LogRecord> records;

  Session() { std::filesystem::remove(file.path()); }

  SessionSummary run(const std::vector<MeasuredCase>& points, bool resume = false) {
    const SessionListener listener{nullptr, [this](const LogRecord& record) { records.push_back(record); }};
    if (!resume) {
      MeasureLogWriter writer(file.path(), test::fake_header());
      return run_session(points, machine, writer, nullptr, options, listener);
    }
    const MeasureLog log = read_measure_log(file.path());
    MeasureLogWriter writer(log, test::fake_header());
    return run_session(points, machine, writer, &log, options, listener);
  }
  [[nodiscard]] const LogRecord& record_of(const std::string& name) const {
    for (const LogRecord& record : records)
      if (record.point.name == name) return record;
    throw RunError("no record of " + name);
  }
};

TEST_F(Session, EveryCaseIsLoggedInEveryRegimeWithItsAnchors) {
  std::vector<MeasuredCase> points;
  for (int i = 0; i < 21; ++i) points.push_back(test::gemm_case("tile", 1 + i));
  const SessionSummary summary = run(points);
  EXPECT_TRUE(summary.passed());
  EXPECT_EQ(summary.num_measured, 42);
  EXPECT_EQ(summary.anchor_spread, 1);
  const MeasureLog log = read_measure_log(file.path());
  EXPECT_FALSE(log.truncated);
  EXPECT_EQ(log.header.uuid, test::fake_header().uuid);
  ASSERT_EQ(log.records.size(), 45U);  // with three anchors
  EXPECT_EQ(finished_cases(log).size(), 42U);
  const LogRecord& first = log.records[1];
  EXPECT_EQ(first.median_us, 100);
  EXPECT_EQ(first.samples_us, std::vector<double>(20, 100.0));
  EXPECT_EQ(first.num_samples, 20);
  EXPECT_EQ(first.power_w, 500);
  EXPECT_EQ(first.point.id(), first.id);
  EXPECT_EQ(first.work.flops, 1e9);
  ASSERT_TRUE(first.check);
  EXPECT_EQ(first.check->against, "FP64");
}

TEST_F(Session, WhatFailsIsLoudAndTheRestGoesOn) {
  const SessionSummary summary = run(
      {test::gemm_case("wrong"), test::gemm_case("poisoned"), test::gemm_case("absent"),
       test::gemm_case("broken"), test::gemm_case("warp"), test::gemm_case("plain"), test::gemm_case("")});
  EXPECT_FALSE(summary.passed());
  EXPECT_EQ(summary.num_failed, 6);  // two regimes each
  EXPECT_EQ(summary.num_unsupported, 3);
  EXPECT_EQ(summary.num_above_peak, 2);
  EXPECT_EQ(summary.num_measured, 3);
  EXPECT_EQ(record_of("wrong").status, RecordStatus::check_failed);
  EXPECT_TRUE(record_of("wrong").samples_us.empty()) << "a wrong kernel is not timed";
  EXPECT_EQ(record_of("poisoned").status, RecordStatus::check_failed);
  EXPECT_EQ(record_of("broken").reason, "out of memory");
  EXPECT_THAT(record_of("warp").reason, HasSubstr("computes 1000000.0 TFLOP/s of at most 989.4"));
  EXPECT_THAT(record_row(record_of("wrong")), HasSubstr("FAILED  gemm/gemm/bf16/wrong/"));
  EXPECT_EQ(read_measure_log(file.path()).records.size(), records.size());
}

TEST_F(Session, WhatALibraryRefusesIsNoFailure) {
  const std::vector points{test::gemm_case("refused"), test::gemm_case("")};
  const SessionSummary summary = run(points);
  EXPECT_TRUE(summary.passed());
  EXPECT_EQ(summary.num_unsupported, 2);
  EXPECT_EQ(summary.num_measured, 2);
  EXPECT_EQ(record_of("refused").status, RecordStatus::unsupported);
  EXPECT_EQ(record_of("refused").reason, "no algorithm");
  EXPECT_TRUE(run_checks(points, machine, [](const LogRecord&) {}));
}

TEST_F(Session, ALostDeviceEndsTheRunWithItsLogWhole) {
  EXPECT_THROW(run({test::gemm_case("crash")}), RunError);
  const MeasureLog log = read_measure_log(file.path());
  EXPECT_EQ(log.records.back().status, RecordStatus::failed);
  EXPECT_THAT(log.records.back().reason, HasSubstr("illegal memory access"));
}

TEST_F(Session, AnInterruptedLogIsContinuedWithoutRepeating) {
  const std::vector<MeasuredCase> points{test::gemm_case("a"), test::gemm_case("b"), test::gemm_case("c")};
  run(points);
  std::string text;
  {
    std::ifstream in(file.path());
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  // Keep header, anchor and the first two records, then a part of a line, as a killed run leaves it.
  std::size_t end = 0;
  for (int line = 0; line < 4; ++line) end = text.find('\n', end) + 1;
  std::ofstream(file.path(), std::ios::trunc) << text.substr(0, end + 40);
  EXPECT_TRUE(read_measure_log(file.path()).truncated);

  machine.num_prepared.clear();
  records.clear();
  const SessionSummary summary = run(points, true);
  EXPECT_EQ(summary.num_resumed, 2);
  EXPECT_EQ(summary.num_measured, 4);
  EXPECT_EQ(machine.num_prepared.size(), 3U) << "two cases and the anchor";
  const MeasureLog log = read_measure_log(file.path());
  EXPECT_FALSE(log.truncated);
  EXPECT_EQ(finished_cases(log).size(), 6U);

  records.clear();
  EXPECT_EQ(run(points, true).num_resumed, 6);
  EXPECT_TRUE(records.empty()) << "nothing is left, not even an anchor";
}

TEST_F(Session, AContinuedRunIsNoBetterThanItsLog) {
  const std::vector<MeasuredCase> points{test::gemm_case("wrong"), test::gemm_case("warp"),
                                         test::gemm_case("")};
  EXPECT_FALSE(run(points).passed());
  records.clear();
  const SessionSummary again = run(points, true);
  EXPECT_TRUE(records.empty());
  EXPECT_EQ(again.num_resumed, 6);
  EXPECT_EQ(again.num_failed, 2);
  EXPECT_EQ(again.num_above_peak, 2);
  EXPECT_FALSE(again.passed());
  EXPECT_TRUE(run({test::gemm_case("")}, true).passed()) << "what is not asked for does not count";
}

// The questions of a case in two regimes: is it supported, made, right; then for each regime whether it can
// be timed, has begun, has been sampled. The anchor before it asks six.
struct AnotherRank : Session, testing::WithParamInterface<int> {};

TEST_P(AnotherRank, FailsTheCaseHereToo) {
  machine.other_at = 6 + GetParam();
  const SessionSummary summary = run({test::gemm_case("")});
  const int failed = GetParam() < 3 ? 2 : 1;  // before timing: both regimes
  EXPECT_EQ(summary.num_failed, failed);
  EXPECT_EQ(summary.num_measured, 2 - failed);
  EXPECT_EQ(record_of("").status, GetParam() < 6 ? RecordStatus::failed : RecordStatus::measured);
  int said = 0;
  for (const LogRecord& record : records) said += record.reason == "as another rank says" ? 1 : 0;
  EXPECT_EQ(said, failed);
  EXPECT_EQ(read_measure_log(file.path()).records.size(), 4U) << "two anchors around two regimes";
}
INSTANTIATE_TEST_SUITE_P(Questions, AnotherRank, testing::Range(0, 9));

TEST_F(Session, RanksAgreeOnTheWorseOfTheirAnswers) {
  machine.other_at = 0;
  machine.other_says = RecordStatus::unsupported;
  const auto report = [&](const LogRecord& record) { records.push_back(record); };
  EXPECT_TRUE(run_checks(std::vector{test::gemm_case("")}, machine, report));
  EXPECT_EQ(records.back().status, RecordStatus::unsupported);
  EXPECT_EQ(machine.num_prepared.size(), 0U) << "what another rank cannot run is not prepared here";
}

TEST_F(Session, ChecksTimeNothing) {
  std::vector<LogRecord> seen;
  const auto report = [&](const LogRecord& record) { seen.push_back(record); };
  EXPECT_TRUE(run_checks(std::vector{test::gemm_case(""), test::gemm_case("absent")}, machine, report));
  EXPECT_FALSE(run_checks(std::vector{test::gemm_case("wrong")}, machine, report));
  EXPECT_FALSE(run_checks(std::vector{test::gemm_case("broken")}, machine, report));
  EXPECT_EQ(seen.size(), 4U);
  EXPECT_EQ(machine.time.value(), 0);
}

}  // namespace
}  // namespace moesim
