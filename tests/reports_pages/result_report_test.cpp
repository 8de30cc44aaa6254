#include "reports/pages/result_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "reports/report_writers.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;
using testing::Not;

Json result(const std::string& kind, const std::string& more) {
  Json document = Json::parse(
      R"({"schema_version": 1, "seed": 7, "moesim_version": "0.1.0", "model": "m",
          "cluster": {"name": "c", "gpus": 8, "nodes": 1}, "engine": {"name": "replay"},
          "provenance": {"measured": 0.25, "published": 0.75}, "warnings": ["look out <here>"]})");
  document["kind"] = kind;
  document.update(Json::parse(more));
  return document;
}

Report report_of(const Json& document, const Json* schema = nullptr, const Json* constants = nullptr) {
  ReportInput input;
  input.source = "out";
  input.document = &document;
  input.schema = schema;
  input.constants = constants;
  return result_report(input);
}

TEST(ResultReport, TrainingHasItsWaterfallInputsAndWhatIsMissing) {
  const Json document = result("training", R"({"summary": {"step_time_s": 4, "mfu_causal": 0.5},
    "scenario": {"layout": {"tp": 2, "pp": 1}},
    "waterfall": [{"name": "ideal_compute", "seconds": 3}, {"name": "bubble", "seconds": 1, "low_s": 0.5,
                   "high_s": 2}, {"name": "step", "seconds": 4}]})");
  const Json schema = Json::parse(R"({"properties": {"layout": {"properties": {
    "tp": {"default": 1}, "pp": {"default": 1}}}}})");
  const Report report = report_of(document, &schema);
  const std::string csv = report_csv(report);
  EXPECT_THAT(csv, HasSubstr("waterfall,waterfall,bubble,share,0.25\r\n"));
  EXPECT_THAT(csv, HasSubstr("waterfall,waterfall,bubble,high,2\r\n"));
  EXPECT_THAT(csv, HasSubstr("inputs,inputs,/layout/tp,default,1\r\n"));
  EXPECT_THAT(csv, Not(HasSubstr("/layout/pp,default")));
  EXPECT_THAT(csv, HasSubstr("origin,origin,published,share of the simulated time,0.75\r\n"));
  const std::string html = report_html(report);
  EXPECT_THAT(html, HasSubstr("look out &lt;here&gt;"));
  EXPECT_THAT(html, HasSubstr("<b>4 s</b>"));
  EXPECT_THAT(html, HasSubstr("report the folder of"));  // pipeline and links need records
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
}

TEST(ResultReport, CurvesAndDistributionsOfRecordsHaveNames) {
  const test::OwnFile file("curves.moesim");
  {
    StoreWriter writer(file.path());
    writer.add(Series{"decode/kv_used_fraction", "1", {0, 10}, {0.25, 0.5}});
    writer.add(Series{"prefill/ttft_p50", "s", {0, 10}, {0.5, 0.6}});
    writer.add(Series{"prefill/ttft_p99", "s", {0, 10}, {0.8, 0.9}});
    writer.add(Histogram{"ttft_s", "s", {0.5, 0.6, 0.9}, {0, 8, 2}});
    writer.commit();
  }
  const StoreReader records(file.path());
  const Json document =
      result("serving", R"({"summary": {"ttft_s": {"p50": 0.55, "p90": 0.6, "p99": 0.87}}})");
  ReportInput input;
  input.source = "out";
  input.document = &document;
  input.records = &records;
  const std::string html = report_html(result_report(input));
  EXPECT_THAT(html, HasSubstr("KV cache used"));
  EXPECT_THAT(html, HasSubstr("prefill, p99"));
  EXPECT_THAT(html, HasSubstr("took at most as long"));
  EXPECT_THAT(html, Not(HasSubstr("kv_used_fraction")));
  EXPECT_LT(html.find("prefill, p50"), html.find("KV cache used"));
}

TEST(ResultReport, ASearchShowsRanksCountsAndWhy) {
  const Json document = result("search", R"({"summary": {"objective": "throughput", "constraints": {},
    "space": {"/layout/tp": [1, 2], "/layout/pp": [4]}, "points_total": 2, "layouts_total": 2, "evaluated": 2,
    "pruned_by_memory": 0, "pruned_by_bound": 0, "invalid": {"tp": 3},
    "best": [{"rank": 1, "changes": {"/layout/tp": 2}, "layout": {"tp": 2}, "figures": {"step_time_s": 3},
              "simgrid": {"value": 3.03, "difference_fraction": 0.01}},
             {"rank": 2, "changes": {"/layout/tp": 1}, "layout": {"tp": 1}, "figures": {"step_time_s": 5}}],
    "own": {"fault": "it needs 96 GB"},
    "why": {"rows": [{"part": "bubble", "winner_s": 1, "runner_up_s": 3, "own_s": null}],
            "limited_by": ["bubble: 33.3 % of the step"]}}})");
  const std::string csv = report_csv(report_of(document));
  EXPECT_THAT(csv, HasSubstr("search,best,1,tp,2\r\n"));
  EXPECT_THAT(csv, HasSubstr("search,best,2,step,5\r\n"));
  EXPECT_THAT(csv, HasSubstr("search,best,1,SimGrid,0.01\r\n"));
  EXPECT_THAT(csv, HasSubstr("search,why,bubble,difference,2\r\n"));
  EXPECT_THAT(csv, HasSubstr("search,layouts,invalid tp,number,3\r\n"));
  const std::string text = report_markdown(report_of(document));
  EXPECT_THAT(text, HasSubstr("own layout is not ranked: it needs 96 GB."));
  EXPECT_THAT(text, HasSubstr("Limited by bubble: 33.3 % of the step."));
}

TEST(ResultReport, AServingSearchHasAFront) {
  const Json document =
      result("search", R"({"summary": {"objective": "throughput", "constraints": {}, "space": {},
    "published_layout_gap_fraction": -0.0457, "best": [], "pareto": [{"changes": {}, "layout": {"decode": {"units": 4, "gpus": 16, "tp": 1, "ep": 16,
      "redundant_experts": 32}}, "figures": {"tokens_per_s_per_gpu": 900, "tokens_per_s_per_user": 30},
      "holds_constraints": false}]}})");
  const std::string csv = report_csv(report_of(document));
  EXPECT_THAT(csv, HasSubstr("pareto,pareto,1,tokens/s/GPU,900\r\n"));
  EXPECT_THAT(csv, HasSubstr("4 x 16"));
  EXPECT_THAT(csv, HasSubstr("misses a constraint"));
  EXPECT_THAT(report_markdown(report_of(document)),
              HasSubstr("own deployment is not in the space and is 4.57 % better than its best."));
  EXPECT_THAT(report_html(report_of(document)), HasSubstr("<svg"));
}

TEST(ResultReport, ACapacitySaysSizesMarginAndWhatBreaksFirst) {
  const Json document =
      result("capacity", R"({"summary": {"slo": [{"figure": "ttft", "percentile": 99, "limit_s": 2}],
    "num_draws": 64, "num_drawn_inputs": 5, "cheapest_is_smallest": true, "smallest": {"changes": {},
      "p50": {"gpus": 8, "nodes": 1, "pools": {"decode": {"units": 1, "gpus": 8}}},
      "p90": {"gpus": 16, "nodes": 2, "pools": {"decode": {"units": 2, "gpus": 16}}},
      "targets": [{"figure": "ttft", "percentile": 99, "limit_s": 2, "value_s": null}],
      "margin": {"load": 1.5, "tolerance_fraction": 0.01, "breaking_load": 1.52},
      "breaks_first": {"target": "ttft=2 s@p99", "resource": "KV memory", "pool": "decode"}},
    "variants": [{"changes": {}, "trials": [{"units": {"decode": 2}, "load": 1, "holds": true, "values_s": [1.5]}]}]}})");
  const std::string csv = report_csv(report_of(document));
  EXPECT_THAT(csv, HasSubstr("capacity,smallest sizes,decode,units p90,2\r\n"));
  EXPECT_THAT(csv, HasSubstr("capacity,smallest sizes,all,GPUs p50,8\r\n"));
  EXPECT_THAT(csv, HasSubstr("never"));
  const std::string text = report_markdown(report_of(document));
  EXPECT_THAT(text, HasSubstr("holds 1.5 times the traffic"));
  EXPECT_THAT(text, HasSubstr("for want of KV memory in pool decode"));
}

TEST(ResultReport, SensitivityAndConstants) {
  const Json document = result("sensitivity", R"({"figure": "step_time_s", "value": 10, "inputs": [
    {"name": "gap", "owner": "stack", "unit": "s", "provenance": "assumed", "varied": "interval", "value": 1,
     "low_value": 0.5, "high_value": 2, "low": 9, "high": 12, "span": 3}], "without_effect": ["a", "b"]})");
  const Json constants = Json::parse(R"([{"owner": "stack", "name": "gap", "value": 1e-6, "unit": "s",
    "interval": [5e-7, 2e-6], "provenance": "assumed", "sources": ["x", "y"], "note": ""}])");
  const std::string csv = report_csv(report_of(document, nullptr, &constants));
  EXPECT_THAT(csv, HasSubstr("sensitivity,inputs,gap,span,0.3\r\n"));
  EXPECT_THAT(csv, HasSubstr("constants,constants,stack:gap,high,2e-06\r\n"));
  EXPECT_THAT(report_markdown(report_of(document)), HasSubstr("2 inputs change nothing: a, b."));
}

TEST(ResultReport, WhatIsNoResultIsRefused) {
  EXPECT_THROW(report_of(Json::parse("[]")), SpecError);
  EXPECT_THROW(report_of(Json::parse(R"({"kind": "training", "schema_version": 1, "layout": {}})")),
               SpecError);
  EXPECT_THROW(report_of(result("training", R"({"schema_version": 99, "summary": {}})")), SpecError);
}

}  // namespace
}  // namespace moesim
