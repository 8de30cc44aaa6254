// A damaged calibration or stack is refused at a place, or answers with times.
#include <random>

#include <gtest/gtest.h>

#include "tests/base/spec_mutation.hpp"
#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;

Json profile_document() {
  return test::small_document(
      {test::gemm_entry(1000, 1000, 1000, "20 us"), test::gemm_entry(2000, 1000, 1000, "36 us"),
       entry("attention_prefill",
             R"("axes": {"heads": 16, "qk_dim": 192, "v_dim": 128, "length": 1000}, "time": "100 us")"),
       entry("dispatch_normal",
             R"("axes": {"ep": 8, "tokens": 4096, "top_k": 8, "hidden": 7168}, "bandwidth": "50 GB/s")"),
       entry("dispatch_low_latency",
             R"("axes": {"ep": 8, "tokens": 128, "top_k": 8, "hidden": 7168}, "time": "77 us")")});
}

void ask(const CalibrationProfile& profile) {
  EXPECT_GT(profile.gemm({NumberFormat::fp8, 1500, 1000, 1000, 1, GemmRole::forward}).seconds, 0);
  EXPECT_GT(profile.gemm({NumberFormat::bf16, 10, 300, 1000, 2, GemmRole::weight_gradient}).seconds, 0);
  EXPECT_GT(profile.small(Bytes(1)).seconds, 0);
  EXPECT_GT(profile.attention({.heads = 8, .qk_dim = 128, .v_dim = 128, .queries = 10}).seconds, 0);
  EXPECT_GT(profile.all_to_all_bandwidth(TimedOperator::dispatch_normal, 16).value(), 0);
  EXPECT_GT(profile.low_latency(TimedOperator::dispatch_low_latency, 16, 1, 1, 1).seconds, 0);
}

class CalibrationMutation : public testing::TestWithParam<unsigned> {};

TEST_P(CalibrationMutation, OfAProfileAnswersOrIsALocatedError) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 300; ++i) {
    Json document = profile_document();
    mutation::of_value(document, random);
    SCOPED_TRACE(document.dump());
    try {
      check_schema_version(document, kProfileSchemaVersion, "small.json");
      ask({read_spec<ProfileFile>(document, "small.json"), {}, "small.json"});
    } catch (const LocatedError& error) {
      EXPECT_FALSE(error.what_text.empty());
      EXPECT_EQ(error.file, "small.json");
    }
  }
}

TEST_P(CalibrationMutation, OfAStackAnswersOrIsALocatedError) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 300; ++i) {
    Json document = parse_json(test::kSmallStack, "stack.json");
    mutation::of_value(document, random);
    SCOPED_TRACE(document.dump());
    try {
      check_schema_version(document, kStackSchemaVersion, "stack.json");
      Stack stack = read_spec<Stack>(document, "stack.json");
      stack.path = "stack.json";
      const double rate = stack.overlapped_rate(ComputeClass::gemm, 100, 20, {});
      EXPECT_GT(rate, 0);
      EXPECT_LE(rate, 1);
    } catch (const LocatedError& error) {
      EXPECT_FALSE(error.what_text.empty());
      EXPECT_EQ(error.file, "stack.json");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CalibrationMutation, testing::Range(1U, 5U));

}  // namespace
}  // namespace moesim
