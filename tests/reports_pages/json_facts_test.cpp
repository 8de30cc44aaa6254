#include "reports/pages/json_facts.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/pages/base64.hpp"

namespace moesim {
namespace {

TEST(JsonFacts, DottedKeysLeadDownAndMissingPartsAreNull) {
  const Json document = Json::parse(R"({"summary": {"ttft_s": {"p99": 2.5}, "name": "a", "list": [1, 2]}})");
  EXPECT_EQ(number_at(document, "summary.ttft_s.p99"), 2.5);
  EXPECT_EQ(number_at(document, "summary.name"), std::nullopt);
  EXPECT_EQ(number_at(document, "summary.ttft_s.p99.more"), std::nullopt);
  EXPECT_EQ(text_at(document, "summary.name"), "a");
  EXPECT_EQ(text_at(document, "nothing"), "");
  EXPECT_EQ(text_at(document, "summary.list"), "[1,2]");
  EXPECT_EQ(figure_cell(document, "summary.ttft_s.p99").text, "2.5 s");
  EXPECT_EQ(figure_cell(document, "summary.ttft_s.p50").text, "");
}

TEST(JsonFacts, TextsOfKeysAndChanges) {
  EXPECT_EQ(label_of_key("ttft_s.p99"), "ttft p99");
  EXPECT_EQ(changes_text(Json::object()), "as stated");
  EXPECT_EQ(changes_text(Json()), "as stated");
  EXPECT_EQ(
      changes_text(Json::parse(R"({"/layout/tp": 2, "/layout/schedule": "1f1b", "/layout/r": ["a", "b"]})")),
      "/layout/tp=2, /layout/schedule=1f1b, /layout/r=a+b");
  EXPECT_EQ(setting_text(Json::array()), "-");
}

// RFC 4648, section 10.
TEST(Base64, TestVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace moesim
