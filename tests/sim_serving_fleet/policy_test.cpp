#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "sim/serving/fleet/fleet_policy.hpp"

namespace moesim {
namespace {

template <class T>
std::string fault(const std::string& text) {
  try {
    read_spec<T>(parse_json(text, "day.json"), "day.json");
  } catch (const SpecError& error) {
    return error.pointer + ": " + error.what_text;
  }
  return "";
}

TEST(FleetPolicySpecs, ReadWhatTheyWrite) {
  WindowSpec windows{Seconds(7200), Seconds(300), Seconds(30)};
  const auto again = read_spec<WindowSpec>(write_spec(windows), "w.json");
  EXPECT_EQ(again.period, windows.period);
  EXPECT_EQ(again.length, windows.length);
  EXPECT_EQ(again.warm_up, windows.warm_up);
  NodeFailure failure{Seconds(60), "decode", 2, Seconds(900)};
  const auto failed = read_spec<NodeFailure>(write_spec(failure), "f.json");
  EXPECT_EQ(failed.at, failure.at);
  EXPECT_EQ(failed.pool, failure.pool);
  EXPECT_EQ(failed.unit, failure.unit);
  EXPECT_EQ(failed.repair, failure.repair);
}

TEST(FleetPolicySpecs, RefuseWindowsThatOverlapOrMeasureNothing) {
  EXPECT_EQ(fault<WindowSpec>(R"({"period": "5 min", "length": "6 min"})"),
            "/length: is longer than the period");
  EXPECT_EQ(fault<WindowSpec>(R"({"length": "1 min", "warm_up": "60 s"})"),
            "/warm_up: is as long as the window");
  EXPECT_NE(fault<WindowSpec>(R"({"length": "-1 min"})"), "");
}

TEST(FleetPolicySpecs, RefuseFailuresOfNoPoolOrUnit) {
  EXPECT_NE(fault<NodeFailure>(R"({"at": "1 h"})"), "");
  EXPECT_NE(fault<NodeFailure>(R"({"at": "1 h", "pool": "decode", "unit": -1})"), "");
  EXPECT_EQ(fault<NodeFailure>(R"({"at": "1 h", "pool": "decode"})"), "");
}

}  // namespace
}  // namespace moesim
