#include "reports/waterfall_table.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

// 40 columns stand for 20 s: the first bar ends at 20, the second goes back 10 columns, the third fills up.
// The last has no width of its own and is shown by one column.
TEST(WaterfallTable, BarsStartWhereThePartsBeforeEnd) {
  const Json result = Json::parse(R"({"waterfall": [
    {"name": "peak", "seconds": 10, "low_s": 9, "high_s": 11, "source": "datasheet", "note": "dense"},
    {"name": "overlap", "seconds": -5, "source": "stack"},
    {"name": "bubble", "seconds": 15, "note": "formula"},
    {"name": "tiny", "seconds": 0.001}]})");
  EXPECT_EQ(
      waterfall_table(result),

      "waterfall  time     interval    share                                            source\n"
      "peak       10 s  9 s to 11 s   50.0 %  ####################                      datasheet; dense\n"
      "overlap    -5 s               -25.0 %            ##########                      stack\n"
      "bubble     15 s                75.0 %            ##############################  formula\n"
      "tiny       1 ms               0.005 %                                         #\n"
      "sum        20 s               100.0 %  ########################################\n");
}

// 3 + 1 = 4: the last part is the total, of which the others are 75 and 25 %.
TEST(WaterfallTable, ALastPartMayBeTheTotal) {
  const Json result = Json::parse(R"({"waterfall": [
    {"name": "ideal_compute", "seconds": 3}, {"name": "bubble", "seconds": 1, "low_s": 1, "high_s": 1},
    {"name": "step", "seconds": 4}]})");
  EXPECT_EQ(waterfall_table(result),
            "waterfall      time    share\n"
            "ideal compute   3 s   75.0 %  ##############################\n"
            "bubble          1 s   25.0 %                                ##########\n"
            "step            4 s  100.0 %  ########################################\n");
}

// A millionth of the step and more is shown; what rounding leaves is 0, and the total is still found.
TEST(WaterfallTable, WhatRoundingLeavesIsZero) {
  const Json result = Json::parse(R"({"waterfall": [
    {"name": "ideal_compute", "seconds": 4}, {"name": "jitter", "seconds": -8e-13, "low_s": -9e-13, "high_s": 1},
    {"name": "bubble", "seconds": 8e-6}, {"name": "step", "seconds": 4.000008}]})");
  EXPECT_EQ(waterfall_table(result),
            "waterfall      time    interval     share\n"
            "ideal compute   4 s               100.0 %  ########################################\n"
            "jitter          0 s  0 s to 1 s     0.0 %\n"
            "bubble         8 us              0.0002 %                                         #\n"
            "step            4 s               100.0 %  ########################################\n");
}

TEST(WaterfallTable, IsEmptyWithoutOne) {
  EXPECT_EQ(waterfall_table(Json::parse(R"({"summary": {}})")), "");
  EXPECT_EQ(waterfall_table(Json()), "");
}

}  // namespace
}  // namespace moesim
