#include "reports/csv.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

TEST(Csv, FieldsAreQuotedWhereNeeded) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(Csv, SummaryKeepsKeysAndBits) {
  const Json result = Json::parse(
      R"({"summary": {"step_time_s": 0.1, "tokens_per_step": 62914560, "phases_s": {"forward": 0.30000000000000004},
          "by_stage": [1, 2], "note": "a,b", "empty": {}}})");
  EXPECT_EQ(
      summary_csv(result),
      "key,value\r\nstep_time_s,0.1\r\ntokens_per_step,62914560\r\nphases_s.forward,0.30000000000000004\r\n"
      "by_stage.0,1\r\nby_stage.1,2\r\nnote,\"a,b\"\r\nempty,none\r\n");
  EXPECT_EQ(summary_csv(Json()), "key,value\r\n");
}

TEST(Csv, SpansByName) {
  std::ostringstream out;
  CsvSink sink(out, {{"attention, forward"}, {"computation"}, {}});
  Span span;
  span.end_s = 0.25;
  span.gpu = 2;
  span.rank = 1;
  span.microbatch = 5;
  sink.add(span);
  EXPECT_EQ(out.str(),
            "start_s,end_s,gpu,rank,layer,microbatch,phase,lane,pass\r\n"
            "0,0.25,2,1,-1,5,\"attention, forward\",computation,pass 0\r\n");
}

TEST(SummaryCsv, HasPercentilesOfWhatIsUncertain) {
  const Json result = Json::parse(R"({"summary": {"a_s": 2, "by": {"x": [1, 3]}, "name": "n"},
    "uncertainty": {"p10": {"a_s": 1.5, "by": {"x": [1, 2]}}, "p90": {"a_s": 2.5, "by": {"x": [1, 4]}}}})");
  EXPECT_EQ(summary_csv(result),
            "key,value,p10,p90\r\na_s,2,1.5,2.5\r\nby.x.0,1,1,1\r\nby.x.1,3,2,4\r\nname,n,,\r\n");
}

TEST(SensitivityCsv, OneLineAnInput) {
  const Json document = Json::parse(R"({"inputs": [
    {"name": "a", "owner": "o", "unit": "s", "provenance": "fitted", "varied": "interval", "value": 2,
     "low_value": 1, "high_value": 3, "low": 8, "high": 10.5, "span": 2.5}]})");
  EXPECT_EQ(sensitivity_csv(document),
            "name,owner,unit,provenance,varied,value,low_value,high_value,low,high,span\r\n"
            "a,o,s,fitted,interval,2,1,3,8,10.5,2.5\r\n");
}

TEST(ValidationCsv, OneLineAFigure) {
  const Json document = Json::parse(R"({"cases": [
    {"id": "a", "role": "check", "metric": "step_time_s", "published": 2, "unit": "s", "predicted": 2.1,
     "error_fraction": 0.05, "tolerance": 0.1, "status": "pass"},
    {"id": "b,c", "role": "range", "family": "f", "metric": "total.gpu_hours", "published": 9, "unit": "",
     "predicted": null, "error_fraction": null, "variants": 3, "low": 8, "high": 10.5, "tolerance": null,
     "status": "pass"}]})");
  EXPECT_EQ(
      validation_csv(document),
      "id,role,family,metric,published,unit,predicted,error_fraction,low,high,variants,tolerance,status\r\n"
      "a,check,,step_time_s,2,s,2.1,0.05,,,,0.1,pass\r\n"
      "\"b,c\",range,f,total.gpu_hours,9,,,,8,10.5,3,,pass\r\n");
}

}  // namespace
}  // namespace moesim
