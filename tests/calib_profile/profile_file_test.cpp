#include "calib/profile/profile_file.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "tests/calib_profile/small_profile.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using test::entry;
using test::gemm_entry;
using test::small_document;
using testing::HasSubstr;

const char* const kPoint = R"("axes": {"m": 1000, "n": 1000, "k": 1000})";

/// The fault of a file with this content.
LocatedError error_of(const Json& document) {
  const test::OwnFile file("profile.json");
  const std::filesystem::path& path = file.path();
  write_file_atomically(path, document.dump());
  try {
    read_profile_file(path.string());
  } catch (const LocatedError& error) {
    EXPECT_EQ(error.file, path.string());
    return error;
  }
  ADD_FAILURE() << "accepted: " << document.dump();
  return LocatedError("", "", "", "");
}

LocatedError entry_error(const Json& row) {
  return error_of(small_document({gemm_entry(1000, 1000, 1000, "20 us"), row}));
}

LocatedError changed_error(const std::string& pointer, const Json& value) {
  Json document = small_document({gemm_entry(1000, 1000, 1000, "20 us")});
  document[Json::json_pointer(pointer)] = value;
  return error_of(document);
}

TEST(ProfileFile, ReadsEntries) {
  const auto file = read_spec<ProfileFile>(
      small_document(
          {entry("grouped_gemm", R"("format": "fp8", "role": "weight_gradient", "p10": 0.9, "p90": 1.2,
          "axes": {"groups": 4, "m": 1000, "n": 500, "k": 250}, "rate": "100 TFLOP/s")")}),
      "small.json");
  ASSERT_EQ(file.entries.size(), 1U);
  const Entry& read = file.entries.front();
  EXPECT_EQ(read.op, TimedOperator::grouped_gemm);
  EXPECT_EQ(read.format, NumberFormat::fp8);
  EXPECT_EQ(read.role, GemmRole::weight_gradient);
  EXPECT_EQ(read.regime, Regime::isolated);
  EXPECT_EQ(read.axis("groups"), 4);
  EXPECT_EQ(read.num_samples, 0);
  EXPECT_DOUBLE_EQ(flops_of(read).value(), 2.0 * 4 * 1000 * 500 * 250);
  EXPECT_DOUBLE_EQ(time_of(read).value(), 1e9 / 100e12);
}

// Causal prefill meets half of the length squared pairs, 192 + 128 wide; a decoded query meets every cached
// key, 512 + 64 + 512 wide.
TEST(ProfileFile, CountsTheOperationsOfAttention) {
  const auto file = read_spec<ProfileFile>(
      small_document(
          {entry("attention_prefill",
                 R"("axes": {"heads": 16, "qk_dim": 192, "v_dim": 128, "length": 1000}, "time": "1 us")"),
           entry("mla_decode",
                 R"("axes": {"heads": 16, "queries": 2, "batch": 8, "length": 1000}, "time": "1 us")"),
           entry("phase", R"("name": "attention_forward", "time": "1 us", "regime": "overlapped")")}),
      "small.json");
  EXPECT_DOUBLE_EQ(flops_of(file.entries[0]).value(), 2.0 * 16 * 320 * 500000);
  EXPECT_DOUBLE_EQ(flops_of(file.entries[1]).value(), 2.0 * 2 * 16 * 8 * 1088 * 1000);
  EXPECT_EQ(flops_of(file.entries[2]).value(), 0);
}

TEST(ProfileFileErrors, NameTheAxisThatIsMissing) {
  const auto error = entry_error(entry("gemm", R"("axes": {"m": 1, "n": 2}, "time": "1 us")"));
  EXPECT_EQ(error.pointer, "/entries/1/axes");
  EXPECT_EQ(error.what_text, "axis 'k' is missing");
  EXPECT_EQ(error.hint, "axes of gemm: m, n, k");
}

TEST(ProfileFileErrors, NameAnAxisThatTheOperatorDoesNotHave) {
  const auto error =
      entry_error(entry("gemm", R"("axes": {"m": 1, "n": 2, "k": 3, "batch": 4}, "time": "1 us")"));
  EXPECT_EQ(error.pointer, "/entries/1/axes/batch");
  EXPECT_EQ(entry_error(entry("gemm", R"("axes": {"m": 0, "n": 2, "k": 3}, "time": "1 us")")).pointer,
            "/entries/1/axes/m");
}

TEST(ProfileFileErrors, WantExactlyOneMeasure) {
  const std::string point = kPoint;
  for (const char* measures :
       {"", R"(, "time": "1 us", "rate": "1 TFLOP/s")", R"(, "time": "1 us", "bandwidth": "1 GB/s")",
        R"(, "time": "1 us", "rate": "1 TFLOP/s", "bandwidth": "1 GB/s")"}) {
    const auto error = entry_error(entry("gemm", point + measures));
    EXPECT_EQ(error.pointer, "/entries/1");
    EXPECT_EQ(error.what_text, "exactly one of time, rate and bandwidth is needed");
  }
}

// What a lookup could not use: a bandwidth of a product, a time of a normal dispatch, a rate without FLOPs.
TEST(ProfileFileErrors, WantTheMeasureOfTheOperator) {
  const auto gemm = entry_error(entry("gemm", std::string(kPoint) + R"(, "bandwidth": "1 GB/s")"));
  EXPECT_EQ(gemm.pointer, "/entries/1/bandwidth");
  const auto dispatch = entry_error(
      entry("dispatch_normal", R"("axes": {"ep": 8, "tokens": 1, "top_k": 1, "hidden": 1}, "time": "1 us")"));
  EXPECT_EQ(dispatch.pointer, "/entries/1/bandwidth");
  EXPECT_EQ(entry_error(entry("phase", R"("name": "x", "rate": "1 TFLOP/s")")).pointer, "/entries/1/rate");
}

TEST(ProfileFileErrors, WantUnits) {
  EXPECT_EQ(entry_error(entry("gemm", std::string(kPoint) + R"(, "time": 1e-6)")).pointer, "/entries/1/time");
  EXPECT_EQ(entry_error(entry("gemm", std::string(kPoint) + R"(, "time": "1 GB")")).pointer,
            "/entries/1/time");
  EXPECT_EQ(entry_error(entry("gemm", std::string(kPoint) + R"(, "time": "0 us")")).pointer,
            "/entries/1/time");
}

TEST(ProfileFileErrors, NameAnUnknownSource) {
  const auto error = entry_error(entry("gemm", std::string(kPoint) + R"(, "time": "1 us")", "rumour"));
  EXPECT_EQ(error.pointer, "/entries/1/source");
  EXPECT_EQ(error.what_text, "unknown source 'rumour'");
}

TEST(ProfileFileErrors, RefuseFittedEntriesAndConstants) {
  Json row = gemm_entry(2000, 1000, 1000, "1 us");
  row["provenance"] = "fitted";
  EXPECT_EQ(entry_error(row).pointer, "/entries/1/provenance");
  Json document = small_document({gemm_entry(1000, 1000, 1000, "20 us")});
  document["constants"][0]["provenance"] = "fitted";
  document["constants"][0]["cases"] = {"a-case"};
  EXPECT_EQ(error_of(document).what_text, "more than 0 fitted constants");
}

TEST(ProfileFileErrors, WantOrderedPercentiles) {
  Json row = gemm_entry(2000, 1000, 1000, "1 us");
  row["p10"] = 1.2;
  row["p90"] = 1.1;
  EXPECT_EQ(entry_error(row).pointer, "/entries/1/p10");
}

TEST(ProfileFileErrors, RefuseConstantsThatNothingReads) {
  const auto name = changed_error("/constants/4/name", "small_kernel_flor");
  EXPECT_EQ(name.pointer, "/constants/4/name");
  EXPECT_EQ(name.hint, "did you mean 'small_kernel_floor'?");
  EXPECT_EQ(changed_error("/constants/4/unit", "ratio").pointer, "/constants/4/unit");
  const auto value = changed_error("/constants/3/value", 0);
  EXPECT_EQ(value.pointer, "/constants/3/value");
  EXPECT_EQ(value.what_text, "gemm_efficiency must be above 0 and at most 2, got 0");
}

TEST(ProfileFileErrors, NameAnotherVersion) {
  const auto error = changed_error("/schema_version", 2);
  EXPECT_EQ(error.pointer, "/schema_version");
  EXPECT_EQ(error.what_text, "unknown version 2");
  EXPECT_EQ(error.hint, "this program reads version 1");
}

TEST(ProfileFileErrors, AreLocatedInTheGpu) {
  EXPECT_EQ(changed_error("/gpu/peak_fp8", 2e15).pointer, "/gpu/peak_fp8");
  EXPECT_EQ(changed_error("/gpu/num_sms", 0).pointer, "/gpu/num_sms");
  EXPECT_EQ(changed_error("/gpu/hmb_bandwidth", "1 TB/s").pointer, "/gpu/hmb_bandwidth");
  EXPECT_EQ(changed_error("/entries", Json::array()).pointer, "/entries");
}

TEST(ProfileFileErrors, AnswerAMistypedNameWithTheNearest) {
  try {
    load_profile("h800-smx");
    ADD_FAILURE() << "found";
  } catch (const CalibrationError& error) {
    EXPECT_EQ(error.file, "h800-smx");
    EXPECT_EQ(error.what_text, "no such profile");
    EXPECT_EQ(error.hint, "did you mean 'h800-sxm'?");
  }
  EXPECT_THROW(load_profile("absent.json"), SpecError);
}

}  // namespace
}  // namespace moesim
