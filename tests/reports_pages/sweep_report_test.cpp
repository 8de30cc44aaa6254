#include "reports/pages/sweep_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "reports/report_writers.hpp"
#include "sim/results/sweep_writer.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kAxes = R"([{"pointer": "/layout/tp", "values": [1, 2, 4, 8]}])";

/// Cases 0 to 2 of 4: 10, 30, failed.
void write_sweep(const std::filesystem::path& path) {
  SweepWriter writer(path, {"0.1.0", "{}", "training", kAxes, 4});
  writer.add(
      {0, "tp=1", R"({"/layout/tp": 1})", SweepCaseState::done, R"({"summary": {"rate": 10}})", "", 0});
  writer.add(
      {1, "tp=2", R"({"/layout/tp": 2})", SweepCaseState::done, R"({"summary": {"rate": 30}})", "", 0});
  writer.add({2, "tp=4", R"({"/layout/tp": 4})", SweepCaseState::failed, "", "does <not> fit", 3});
  writer.commit();
}

Report report_of(const std::filesystem::path& path, bool higher_is_better = true) {
  return sweep_report(SweepReader(path), "grid.sweep", "rate", higher_is_better);
}

TEST(SweepReport, CountsRanksAndFailures) {
  const test::OwnFile file("report.sweep");
  write_sweep(file.path());
  const std::string csv = report_csv(report_of(file.path()));
  const std::size_t best = csv.find("best,best,tp=2,rate,30\r\n");
  const std::size_t second = csv.find("best,best,tp=1,rate,10\r\n");
  ASSERT_NE(best, std::string::npos) << csv;
  ASSERT_NE(second, std::string::npos) << csv;
  EXPECT_LT(best, second);
  EXPECT_THAT(csv, HasSubstr("failures,failures,tp=4,exit code,3\r\n"));
  EXPECT_THAT(csv, HasSubstr("cases,cases,tp=4,rate,failed\r\n"));
  const std::string html = report_html(report_of(file.path()));
  EXPECT_THAT(html, HasSubstr("does &lt;not&gt; fit"));
  EXPECT_THAT(html, HasSubstr("<span>waiting</span><b>1</b>"));
  EXPECT_THAT(html, HasSubstr("<svg"));
}

TEST(SweepReport, LessMayBeBetter) {
  const test::OwnFile file("less.sweep");
  write_sweep(file.path());
  const std::string csv = report_csv(report_of(file.path(), false));
  EXPECT_LT(csv.find("best,best,tp=1"), csv.find("best,best,tp=2"));
}

TEST(SweepReport, ASweepWithoutAnEndedCaseHasItsCounts) {
  const test::OwnFile file("empty.sweep");
  { SweepWriter(file.path(), {"0.1.0", "{}", "training", kAxes, 4}).commit(); }
  const std::string html = report_html(report_of(file.path()));
  EXPECT_THAT(html, HasSubstr("<span>waiting</span><b>4</b>"));
  EXPECT_THAT(html, Not(HasSubstr("<table")));
}

}  // namespace
}  // namespace moesim
