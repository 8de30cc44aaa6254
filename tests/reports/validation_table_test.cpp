#include "reports/validation_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

const char* const kResult = R"({
  "cases": [
    {"id": "v3", "metric": "gpu_hours_per_trillion_tokens", "published": 180000, "predicted": 171000,
     "error_fraction": -0.05, "source": "report|1", "role": "check", "tolerance": 0.05, "status": "pass"},
    {"id": "fit", "metric": "layer_pair_s.total", "published": 0.03225, "predicted": 0.033,
     "error_fraction": 0.02326, "source": "trace", "role": "fit", "tolerance": 0.05, "status": "pass"},
    {"id": "rl", "metric": "step_time_s", "published": 68.5, "predicted": null, "error_fraction": null, "low": 60,
     "high": 80, "variants": 6, "low_variant": "/layout/pp=8", "high_variant": "/layout/pp=2",
     "source": "supplement", "role": "range", "tolerance": null, "status": "pass"},
    {"id": "dead", "metric": "step_time_s", "published": 1, "predicted": null, "error_fraction": null,
     "source": "x", "role": "check", "tolerance": 0.1, "status": "failed", "message": "killed by signal 9"}],
  "skipped_variants": [{"id": "rl", "variant": "/layout/pp=1", "reason": "/layout: too large\nby 3 GB"}],
  "summary": {"cases": 1, "median_abs_error": 0.05, "p90_abs_error": 0.05, "max_abs_error": 0.05}})";

TEST(ValidationTable, Text) {
  EXPECT_EQ(validation_table(Json::parse(kResult), TableForm::text),
            R"(Checks: nothing they use comes from their source
case  metric                               published        predicted   error  tolerance  status
v3    gpu_hours_per_trillion_tokens  180 K GPU-hours  171 K GPU-hours  -5.0 %        5 %  pass    [1]
dead  step_time_s                                1 s                                10 %  failed  [2]

Fits: constants were fitted on them
case  metric              published  predicted   error  tolerance  status
fit   layer_pair_s.total   32.25 ms      33 ms  +2.3 %        5 %  pass    [3]

Ranges: best and worst over plausible variants
case  metric       published                  predicted  status
rl    step_time_s     68.5 s  60 s to 80 s (6 variants)  pass    [4]

[1] report|1
[2] x
[3] trace
[4] supplement

absolute error over 1 check cases: median 5.0 %, p90 5.0 %, largest 5.0 %
rl: low step_time_s, 60 s with /layout/pp=8
rl: high step_time_s, 80 s with /layout/pp=2
rl: skipped /layout/pp=1: /layout: too large
dead: killed by signal 9
)");
}

TEST(ValidationTable, Markdown) {
  const std::string text = validation_table(Json::parse(kResult), TableForm::markdown);
  EXPECT_THAT(text, testing::HasSubstr("### Fits: constants were fitted on them\n\n| case | metric |"));
  EXPECT_THAT(text, testing::HasSubstr("| 171 K GPU-hours | -5.0 % | 5 % | pass | [1] |\n"));
  EXPECT_THAT(text, testing::HasSubstr("\n- [3] trace\n"));
}

TEST(ValidationTable, WithoutCases) {
  EXPECT_EQ(validation_table(Json::parse(R"({"cases": [], "summary": {"cases": 0}})"), TableForm::text),
            "no check case\n");
  EXPECT_EQ(validation_table(Json(), TableForm::text), "no check case\n");
}

}  // namespace
}  // namespace moesim
