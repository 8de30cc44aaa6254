#include "sim/validation/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/validation/error_statistics.hpp"
#include "tests/sim_validation/case_text.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

Figure only_figure(const Json& document, const std::vector<WorkerOutcome>& outcomes) {
  return compare(test::case_of(document), outcomes).figures.at(0);
}

TEST(Comparison, ErrorIsRelativeToThePublishedValue) {
  // 2.2 / 2 - 1 = +10 %, at the tolerance; 2.21 is beyond it.
  const Figure at = only_figure(test::plain_case(), {test::done(R"({"step_time_s": 2.2})")});
  EXPECT_NEAR(*at.error_fraction, 0.1, 1e-12);
  EXPECT_EQ(only_figure(test::plain_case(), {test::done(R"({"step_time_s": 2.19})")}).status,
            FigureStatus::pass);
  EXPECT_EQ(only_figure(test::plain_case(), {test::done(R"({"step_time_s": 2.21})")}).status,
            FigureStatus::outside);
  EXPECT_EQ(only_figure(test::plain_case(), {test::done(R"({"step_time_s": 1.79})")}).status,
            FigureStatus::outside);
}

TEST(Comparison, MetricsAreDottedPaths) {
  Json document = test::plain_case();
  document["published"][0]["metric"] = "layer_pair_s.total";
  EXPECT_EQ(only_figure(document, {test::done(R"({"layer_pair_s": {"total": 2}})")}).status,
            FigureStatus::pass);
  const Figure misspelt = only_figure(document, {test::done(R"({"layer_pair_s": {"totals": 2}})")});
  EXPECT_EQ(misspelt.status, FigureStatus::failed);
  EXPECT_THAT(misspelt.message, HasSubstr("did you mean 'layer_pair_s.totals'?"));
  EXPECT_EQ(only_figure(document, {test::done(R"({"layer_pair_s": {"total": "2"}})")}).status,
            FigureStatus::failed);
  EXPECT_EQ(only_figure(document, {test::done("3")}).status, FigureStatus::failed);
}

TEST(Comparison, AFailedRunIsAFailedFigure) {
  const Figure figure = only_figure(test::plain_case(), {WorkerOutcome{{}, 1, "killed by signal 9"}});
  EXPECT_EQ(figure.status, FigureStatus::failed);
  EXPECT_EQ(figure.message, "killed by signal 9");
  EXPECT_FALSE(figure.error_fraction);
  EXPECT_EQ(only_figure(test::plain_case(), {}).status, FigureStatus::failed);
}

Json range_case() {
  Json document = test::plain_case();
  document["role"] = "range";
  document["published"][0].erase("tolerance_fraction");
  document["range"] = {{"grid", {{"/layout/pp", {8, 16}}}}};
  return document;
}

WorkerOutcome took(double seconds) {
  return test::done(Json{{"step_time_s", seconds}}.dump());
}

Figure range(double a, double b) {
  return only_figure(range_case(), {took(a), took(b)});
}

TEST(Comparison, ARangeHoldsItsFigureAndIsNarrow) {
  const Figure inside = range(2.5, 1.5);
  EXPECT_EQ(inside.status, FigureStatus::pass);
  EXPECT_EQ(inside.low, 1.5);
  EXPECT_EQ(inside.low_variant, "/layout/pp=16");
  EXPECT_EQ(inside.high, 2.5);
  EXPECT_EQ(inside.high_variant, "/layout/pp=8");
  EXPECT_EQ(inside.num_variants, 2u);
  EXPECT_FALSE(inside.error_fraction);
  EXPECT_EQ(range(2.1, 2.5).status, FigureStatus::outside) << "2 is below";
  EXPECT_EQ(range(1.5, 3.0).status, FigureStatus::outside) << "2x apart";
  EXPECT_EQ(range(2.0, 2.0).status, FigureStatus::pass);
}

TEST(Comparison, VariantsThatCannotBeAreSkippedWithTheirReason) {
  Json document = range_case();
  document["range"] = {{"grid", {{"/layout/pp", {4, 8, 16}}}}};
  const WorkerOutcome unfit{{}, 3, "/layout: exceeds the memory"};
  const Comparison comparison = compare(test::case_of(document), {unfit, took(1.5), took(2.5)});
  ASSERT_EQ(comparison.skipped.size(), 1u);
  EXPECT_EQ(comparison.skipped[0].label, "/layout/pp=4");
  EXPECT_EQ(comparison.skipped[0].reason, "/layout: exceeds the memory");
  EXPECT_EQ(comparison.figures.at(0).status, FigureStatus::pass);
  EXPECT_EQ(comparison.figures.at(0).num_variants, 2u);
  const Figure alone = only_figure(document, {unfit, took(2), unfit});
  EXPECT_EQ(alone.status, FigureStatus::failed);
  EXPECT_EQ(alone.message, "1 of 3 variants ran; a range needs 2");
  const Figure crashed =
      only_figure(document, {took(1.5), WorkerOutcome{{}, 1, "killed by signal 9"}, took(2)});
  EXPECT_EQ(crashed.status, FigureStatus::failed) << "a crash is no unfit layout";
  EXPECT_EQ(crashed.message, "killed by signal 9");
}

WorkerOutcome step(double seconds, int tokens, int gpus) {
  const Json result{
      {"cluster", {{"gpus", gpus}}},
      {"summary",
       {{"step_time_s", seconds}, {"tokens_per_step", tokens}, {"cost_usd_per_trillion_tokens", 1e12}}}};
  return {RawJson{result.dump()}, 0, ""};
}

// 100 steps of 18 s on 200 GPUs are 100 GPU-hours; 1,000 tokens in steps of 10 are 100 steps of 36 s on 400
// GPUs: 400. Tokens: 100 x 5 + 1,000; 1 $ a token.
TEST(Comparison, TotalsAreSumsOverPhases) {
  Json document = test::plain_case();
  document["phases"] = {{{"steps", 100}}, {{"tokens", 1000}}};
  const auto total = [&](const char* metric) {
    document["published"][0]["metric"] = metric;
    return *only_figure(document, {step(18, 5, 200), step(36, 10, 400)}).predicted;
  };
  EXPECT_DOUBLE_EQ(total("total.gpu_hours"), 500);
  EXPECT_DOUBLE_EQ(total("total.steps"), 200);
  EXPECT_DOUBLE_EQ(total("total.tokens"), 1500);
  EXPECT_DOUBLE_EQ(total("total.time_s"), 5400);
  EXPECT_DOUBLE_EQ(total("total.days"), 5400.0 / 86400);
  EXPECT_DOUBLE_EQ(total("total.cost_usd"), 1500);
}

TEST(Comparison, ARangeOfPhasesSumsEachVariant) {
  Json document = range_case();
  document["published"][0] = {
      {"metric", "total.time_s"}, {"value", 50}, {"source", "paper"}, {"where", "here"}};
  document["phases"] = {{{"steps", 10}}, {{"steps", 1}}};
  const Figure figure = only_figure(document, {step(4, 1, 1), step(2, 1, 1), step(5, 1, 1), step(3, 1, 1)});
  EXPECT_EQ(figure.low, 42);
  EXPECT_EQ(figure.high, 53);
  EXPECT_EQ(figure.status, FigureStatus::pass);
}

Figure error(const std::string& id, double fraction, const std::string& family = "",
             CaseRole role = CaseRole::check) {
  Figure figure;
  figure.id = id;
  figure.family = family;
  figure.role = role;
  figure.error_fraction = fraction;
  return figure;
}

// a: median of 1, 2, 9 % = 2 %. Family f: cases b (median 4 %) and c (8 %), together 6 %. d: 10 %. So the
// weighed errors are 2, 6, 10 %: median 6 %, p90 at 0.9 x 2 = 1.8: 6 + 0.8 x 4 = 9.2 %. The largest of all
// figures is -11 %.
TEST(ErrorStatistics, CasesAndFamiliesWeighOnce) {
  const std::vector<Figure> figures{error("a", 0.01),
                                    error("a", -0.02),
                                    error("a", 0.09),
                                    error("b", 0.04, "f"),
                                    error("c", -0.05, "f"),
                                    error("c", -0.11, "f"),
                                    error("d", 0.10),
                                    error("fit", 0.5, "", CaseRole::fit),
                                    error("range", 0.6, "", CaseRole::range)};
  const ErrorStatistics errors = error_statistics(figures);
  EXPECT_EQ(errors.num_cases, 3u);
  EXPECT_EQ(errors.num_figures, 7u);
  EXPECT_NEAR(*errors.median_abs_error, 0.06, 1e-12);
  EXPECT_NEAR(*errors.p90_abs_error, 0.092, 1e-12);
  EXPECT_NEAR(*errors.max_abs_error, 0.11, 1e-12);
}

TEST(ErrorStatistics, AreEmptyWithoutChecks) {
  const ErrorStatistics errors = error_statistics({error("fit", 0.5, "", CaseRole::fit), Figure{}});
  EXPECT_EQ(errors.num_cases, 0u);
  EXPECT_FALSE(errors.median_abs_error);
}

}  // namespace
}  // namespace moesim
