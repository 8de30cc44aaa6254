#include "calib/measure/measure_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "base/error.hpp"
#include "tests/calib_measure/fake_measurer.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

constexpr const char* kSynthetic = "tests/calib_measure/synthetic_log.ndjson";

std::string synthetic_text() {
  std::ifstream in(kSynthetic);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The error of reading a log with this text.
template <class Error>
std::string error_of(const std::string& text) {
  const test::OwnFile file("log.ndjson");
  std::ofstream(file.path()) << text;
  try {
    (void)read_measure_log(file.path());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t place = text.find(what);
  EXPECT_NE(place, std::string::npos) << what;
  return text.replace(place, what.size(), with);
}

TEST(MeasureLog, TheSyntheticLogReads) {
  const MeasureLog log = read_measure_log(kSynthetic);
  EXPECT_EQ(log.header.device.name, "NVIDIA H200");
  EXPECT_EQ(log.records.size(), 8U);
  EXPECT_FALSE(log.truncated);
}

TEST(MeasureLog, AForeignFileIsRefusedByLine) {
  EXPECT_THAT(error_of<SpecError>("# nThread 1 nGpus 8\n"), HasSubstr("log.ndjson:1: no record"));
  EXPECT_THAT(error_of<SpecError>("{\"traceEvents\": []}\n"), HasSubstr("expected {\"record\": \"header\""));
  EXPECT_THAT(error_of<SpecError>(""), HasSubstr("no whole line"));
  EXPECT_THAT(error_of<SpecError>("{\"record\": \"case\"}\n"), HasSubstr("the first line is no header"));
  EXPECT_THAT(error_of<SpecError>(synthetic_text() + "Segmentation fault\n"),
              HasSubstr("ndjson:10: no record"));
}

TEST(MeasureLog, NumbersThatCannotBeAreRefused) {
  EXPECT_THAT(error_of<SpecError>(replaced(synthetic_text(), "\"samples_us\":[", "\"samples_us\":[-3,")),
              HasSubstr("/samples_us/0"));
  EXPECT_THAT(error_of<SpecError>(replaced(synthetic_text(), "\"samples_us\":[", "\"samples_us\":[0,")),
              HasSubstr("/samples_us/0"));
  EXPECT_THAT(
      error_of<SpecError>(replaced(synthetic_text(), "\"status\":\"measured\"", "\"status\":\"failed\"")),
      HasSubstr("a timed case has samples"));
}

TEST(MeasureLog, AnotherSchemaVersionIsACalibrationError) {
  EXPECT_THAT(
      error_of<CalibrationError>(replaced(synthetic_text(), "\"schema_version\":1", "\"schema_version\":2")),
      HasSubstr("unknown version 2"));
}

TEST(MeasureLog, AnExistingLogIsNotOverwritten) {
  const test::OwnFile file("log.ndjson");
  std::ofstream(file.path()) << "precious";
  EXPECT_THROW(MeasureLogWriter(file.path(), test::fake_header()), OutputError);
}

TEST(MeasureLog, AnotherRunIsNotContinued) {
  const test::OwnFile file("log.ndjson");
  { const MeasureLogWriter writer(file.path(), test::fake_header()); }
  const MeasureLog log = read_measure_log(file.path());
  const auto refusal = [&](const std::function<void(LogHeader&)>& change) -> std::string {
    LogHeader header = test::fake_header();
    change(header);
    try {
      const MeasureLogWriter writer(log, header);
    } catch (const CalibrationError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(refusal([](LogHeader&) {}), "no error");
  EXPECT_THAT(refusal([](LogHeader& h) { h.uuid = "GPU-2"; }),
              HasSubstr("/uuid: the log is of device GPU-0"));
  EXPECT_THAT(refusal([](LogHeader& h) { h.seed = 2; }), HasSubstr("the log is of seed 1, this run of 2"));
  EXPECT_THAT(refusal([](LogHeader& h) { h.num_ranks = 8; }), HasSubstr("rank 0 of 1, this run of 0 of 8"));
  EXPECT_THAT(refusal([](LogHeader& h) { h.moesim_version = "0.2.0"; }), HasSubstr("version 0.1.0"));
}

TEST(MeasureLogRecords, WhatIsForgottenIsUnfinished) {
  MeasureLog log = read_measure_log(kSynthetic);
  const auto finished = finished_cases(log);
  ASSERT_GT(finished.size(), 2U);
  const CaseRegime some = std::next(finished.begin())->first;
  forget(log, {some});
  EXPECT_EQ(finished_cases(log).size(), finished.size() - 1);
  EXPECT_FALSE(finished_cases(log).contains(some));
}

}  // namespace
}  // namespace moesim
