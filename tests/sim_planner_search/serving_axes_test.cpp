#include "sim/planner/search/space_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

std::string fault_of(const std::string& text) {
  const test::OwnFile file("space.json");
  std::ofstream(file.path()) << text;
  try {
    read_space("serving", file.path().string());
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(ServingAxes, ShippedSpaceIsRead) {
  const std::vector<Axis> axes = read_space("serving", "");
  EXPECT_GE(axes.size(), 8U);
  EXPECT_NE(std::ranges::find(axes, "/@prefill_share", &Axis::pointer), axes.end());
}

TEST(ServingAxes, FaultsNameTheirPlace) {
  EXPECT_NE(fault_of(R"({"schema_version": 1, "kind": "training", "axes": {}})").find("/kind"),
            std::string::npos);
  EXPECT_NE(fault_of(R"({"schema_version": 1, "kind": "serving", "axes": {"/a": 1}})").find("no list"),
            std::string::npos);
  EXPECT_NE(fault_of(R"({"schema_version": 1, "kind": "serving", "axes": {"/a": [1, 1]}})").find("twice: 1"),
            std::string::npos);
  EXPECT_NE(fault_of(R"({"schema_version": 1, "kind": "serving", "axis": {}})").find("unknown key"),
            std::string::npos);
}

TEST(ServingAxes, AnAxisTakesThePlaceOfItsPointer) {
  std::vector<Axis> axes{{"/a", {1, 2}}, {"/b", {1}}};
  replace_axis(axes, {"/a", {3}});
  replace_axis(axes, {"/c", {4}});
  ASSERT_EQ(axes.size(), 3U);
  EXPECT_EQ(axes[0].values, std::vector<Json>{3});
  EXPECT_EQ(axes[2].pointer, "/c");
}

}  // namespace
}  // namespace moesim
