#include "reports/sensitivity_table.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

// Spans of 1 and 0.2 s on 10 s: 10 % and 2 %, bars of 24 and 24 x 0.2 = 4.8, that is 5.
TEST(SensitivityTable, Text) {
  const Json document = Json::parse(R"({"figure": "step_time_s", "value": 10, "engine": "replay", "inputs": [
    {"name": "a", "owner": "stack", "unit": "ratio", "provenance": "fitted", "varied": "interval",
     "low_value": 0.5, "high_value": 1, "low": 9.5, "high": 10.5, "span": 1},
    {"name": "b", "owner": "here", "unit": "s", "provenance": "stated", "varied": "+-10 %",
     "low_value": 9, "high_value": 11, "low": 10, "high": 10.2, "span": 0.2}],
    "without_effect": ["c", "d"]})");
  EXPECT_EQ(sensitivity_table(document, 0), R"(step_time_s: 10 s (replay)

input  of     from    varied by  ends              low    high     span
a      stack  fitted  interval   0.5 to 1 ratio  9.5 s  10.5 s  10.00 %  ########################
b      here   stated  +-10 %     9 to 11 s        10 s  10.2 s   2.00 %  #####
2 inputs change nothing: c, d
)");
  const std::string top = sensitivity_table(document, 1);
  EXPECT_NE(top.find("1 more inputs change less\n"), std::string::npos);
  EXPECT_EQ(top.find("\nb "), std::string::npos);
}

}  // namespace
}  // namespace moesim
