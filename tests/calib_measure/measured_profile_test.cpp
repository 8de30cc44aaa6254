#include "calib/measure/measured_profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "calib/measure/rank_needs.hpp"
#include "calib/profile/entry_table.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/profile_text.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

MeasureLog synthetic_log() {
  return read_measure_log("tests/calib_measure/synthetic_log.ndjson");
}

std::vector<Entry> entries(const ProfileFile& profile) {
  std::vector<Entry> all;
  for (const EntryTable& table : profile.tables) {
    const auto some = entries_of(table);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// The only entry of this kind.
Entry entry_of(const ProfileFile& profile, TimedOperator op, Regime regime) {
  std::vector<Entry> found;
  for (const Entry& entry : entries(profile))
    if (entry.op == op && entry.regime == regime) found.push_back(entry);
  EXPECT_EQ(found.size(), 1U);
  return found.at(0);
}

TEST(MeasuredProfile, ReadsBackAsACalibrationFile) {
  const ProfileFile profile = measured_profile(std::vector{synthetic_log()}, "h200-test");
  const std::string text = profile_text(profile);
  const auto read = read_spec<ProfileFile>(parse_json(text, "text"), "text");
  EXPECT_EQ(profile_text(read), text);
  EXPECT_EQ(read.gpu.name, "NVIDIA H200 SXM");
  EXPECT_EQ(read.sources.at(0).date, "2026-11-27");
  EXPECT_THAT(read.sources.at(0).title, HasSubstr("on NVIDIA H200, driver 580.1, CUDA 13.0, 1 GPU, seed 1"));
  for (const Entry& entry : entries(read)) EXPECT_EQ(entry.provenance, Provenance::measured);
}

TEST(MeasuredProfile, TheFastestVariantStandsAndIsNamed) {
  const ProfileFile profile = measured_profile(std::vector{synthetic_log()}, "h200-test");
  const Entry gemm = entry_of(profile, TimedOperator::gemm, Regime::isolated);
  EXPECT_DOUBLE_EQ(time_of(gemm).value(), 110e-6) << "fast, not portable; the failed one is left out";
  EXPECT_EQ(gemm.name, "");
  EXPECT_EQ(gemm.kernel, "moesim-calibrate 0.1.0 gemm/fast");
  EXPECT_EQ(gemm.num_samples, 10);
  EXPECT_DOUBLE_EQ(gemm.p10, 1);
  EXPECT_NEAR(gemm.p90, 112.2 / 110, 1e-6);  // a row holds six digits
}

TEST(MeasuredProfile, RegimesSettingsAndNamesAreKeptApart) {
  const ProfileFile profile = measured_profile(std::vector{synthetic_log()}, "h200-test");
  EXPECT_DOUBLE_EQ(time_of(entry_of(profile, TimedOperator::gemm, Regime::graph)).value(), 90e-6);
  EXPECT_EQ(entry_of(profile, TimedOperator::elementwise, Regime::isolated).name, "swiglu");
  // Grouped in BF16, which stays beside the curves.
  EXPECT_EQ(entry_of(profile, TimedOperator::grouped_gemm, Regime::isolated).name, "tma skew=2");
  // Curves are made of isolated entries alone.
  const CalibrationProfile curves(profile, {}, "text");
  EXPECT_DOUBLE_EQ(curves.gemm({NumberFormat::bf16, 128, 7168, 2048, 1, GemmRole::forward}).seconds, 110e-6);
}

/// A measured record of `point`, as long as `time_us`.
LogRecord record_of(const MeasuredCase& point, double time_us) {
  LogRecord record;
  record.point = point;
  record.id = point.id();
  record.regime = TimingRegime::cold;
  record.status = RecordStatus::measured;
  record.samples_us.assign(10, time_us);
  return record;
}

TEST(MeasuredProfile, SkewNeverMergesWithBalance) {
  MeasureLog log = synthetic_log();
  log.records.clear();
  MeasuredCase experts{.group = "expert_mlp",
                       .op = TimedOperator::expert_mlp,
                       .format = NumberFormat::fp8,
                       .name = "cutlass",
                       .axes = {{"hidden", 7168}, {"inter", 2048}, {"experts", 8}, {"rows", 1024}},
                       .settings = {}};
  MeasuredCase grouped{.group = "grouped_gemm",
                       .op = TimedOperator::grouped_gemm,
                       .format = NumberFormat::fp8,
                       .name = "cutlass",
                       .axes = {{"groups", 8}, {"m", 512}, {"n", 4096}, {"k", 7168}},
                       .settings = {}};
  log.records = {record_of(experts, 400), record_of(grouped, 300)};
  experts.axes["max_rows"] = 512;
  grouped.settings["skew"] = 4;
  log.records.push_back(record_of(experts, 500));
  log.records.push_back(record_of(grouped, 350));
  const ProfileFile profile = measured_profile(std::vector{log}, "skew");
  const auto microseconds = [](const Entry& entry) { return std::lround(time_of(entry).value() * 1e6); };
  std::map<double, long> by_fullest;
  std::map<std::string, long> by_name;
  for (const Entry& entry : entries(profile)) {
    if (entry.op == TimedOperator::grouped_gemm) by_name[entry.name] = microseconds(entry);
    if (entry.op != TimedOperator::expert_mlp) continue;
    EXPECT_EQ(entry.name, "");
    by_fullest[entry.axes.contains("max_rows") ? entry.axis("max_rows") : 0] = microseconds(entry);
  }
  EXPECT_EQ(by_fullest, (std::map<double, long>{{0, 400}, {512, 500}}));
  EXPECT_EQ(by_name, (std::map<std::string, long>{{"", 300}, {"skew=4", 350}}));
}

TEST(MeasuredProfile, TheSlowestRankCountsSampleBySample) {
  MeasureLog zero = synthetic_log();
  zero.header.num_ranks = 2;
  MeasureLog one = zero;
  one.header.rank = 1;
  for (LogRecord& record : one.records)
    if (record.point.name == "fast")
      for (double& sample : record.samples_us) sample = 112;
  const Entry gemm =
      entry_of(measured_profile(std::vector{zero, one}, "two"), TimedOperator::gemm, Regime::isolated);
  EXPECT_DOUBLE_EQ(time_of(gemm).value(), 112e-6);
  for (LogRecord& record : one.records) record.samples_us.resize(record.samples_us.size() / 2);
  EXPECT_THROW(measured_profile(std::vector{zero, one}, "two"), CalibrationError);
}

// What all_to_all costs on one GPU says nothing about a link.
TEST(MeasuredProfile, ASoftwareFloorNeverEnters) {
  MeasureLog log = synthetic_log();
  LogRecord record = log.records.front();
  for (const LogRecord& other : log.records)
    if (other.record == "case" && other.status == RecordStatus::measured) record = other;
  record.point = {};
  record.point.group = "collectives";
  record.point.op = TimedOperator::all_to_all;
  record.point.name = kSoftwareFloor;
  record.regime = TimingRegime::cold;
  for (const double ranks : {1, 8}) {
    record.point.axes = {{"num_gpus", ranks}, {"bytes", 65536}};
    record.id = record.point.id();
    log.records.push_back(record);
  }
  const ProfileFile profile = measured_profile(std::vector{log}, "floor");
  EXPECT_EQ(entry_of(profile, TimedOperator::all_to_all, Regime::isolated).axis("num_gpus"), 8);
}

TEST(MeasuredProfile, LogsOfOtherRunsAreRefused) {
  MeasureLog other = synthetic_log();
  other.header.seed = 9;
  EXPECT_THROW(measured_profile(std::vector{synthetic_log(), other}, "x"), CalibrationError);
  EXPECT_THROW(measured_profile(std::vector{synthetic_log(), synthetic_log()}, "x"), CalibrationError)
      << "the same rank twice";
  EXPECT_THROW(measured_profile({}, "x"), CalibrationError);
  MeasureLog unknown = synthetic_log();
  unknown.header.device.name = "NVIDIA Z1";
  EXPECT_THROW(measured_profile(std::vector{unknown}, "x"), CalibrationError);
  MeasureLog empty = synthetic_log();
  empty.records.clear();
  EXPECT_THROW(measured_profile(std::vector{empty}, "x"), CalibrationError);
}

}  // namespace
}  // namespace moesim
