#include "sim/planner/space/axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Json json(const char* text) {
  return parse_json(text, "test");
}

template <class Body>
SpecError fault_of(const Body& body) {
  try {
    body();
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted";
  return {"", "", "", ""};
}

SpecError reading_fault(const char* text) {
  return fault_of([&] { read_axis(text, "--vary"); });
}

const std::vector<Axis>& two_axes() {
  static const std::vector<Axis> axes{{"/layout/tp", {1, 2}}, {"/layout/pp", {4, 8, 16}}};
  return axes;
}

TEST(Axis, ReadsValuesThatAreJsonOrText) {
  const Axis axis = read_axis("/layout/tp=1,2,4", "--vary");
  EXPECT_EQ(axis.pointer, "/layout/tp");
  EXPECT_THAT(axis.values, ElementsAre(Json(1), Json(2), Json(4)));
  EXPECT_THAT(read_axis("/a=fp8, bf16,true,1.5", "--vary").values,
              ElementsAre(Json("fp8"), Json("bf16"), Json(true), Json(1.5)));
}

TEST(Axis, CommasWithinBracketsBracesAndQuotesDoNotSeparate) {
  EXPECT_THAT(read_axis(R"(/a=[1,2],{"b":1,"c":[2,3]},"x,\"y",z)", "--vary").values,
              ElementsAre(json("[1,2]"), json(R"({"b":1,"c":[2,3]})"), Json("x,\"y"), Json("z")));
  EXPECT_THAT(read_axis(R"(/c="a=b")", "--vary").values, ElementsAre(Json("a=b")));
}

TEST(Axis, RefusesWhatIsNoAxis) {
  EXPECT_THAT(reading_fault("layout/tp=1").what_text, HasSubstr("no POINTER="));
  EXPECT_THAT(reading_fault("/layout/tp").hint, HasSubstr("/layout/tp=1,2,4"));
  EXPECT_EQ(reading_fault("/a=1,,2").what_text, "a value is empty");
  EXPECT_EQ(reading_fault("/a=").what_text, "a value is empty");
  EXPECT_EQ(reading_fault("/a=1,2,1").what_text, "the value 1 comes twice");
  EXPECT_THAT(reading_fault("/a=[1,2").what_text, HasSubstr("has no end"));
  EXPECT_EQ(reading_fault("/a=1,,2").file, "--vary");
  EXPECT_EQ(reading_fault("/a=1,,2").pointer, "/a");
}

TEST(Axis, CountsPointsWithoutOverflow) {
  EXPECT_EQ(num_points({}), 1U);
  EXPECT_EQ(num_points(two_axes()), 6U);
  const std::vector<Axis> empty{{"/a", {}}, two_axes()[0]};
  EXPECT_EQ(num_points(empty), 0U);
  std::vector<Axis> many;  // 1000^7 = 1e21 > 2^64
  for (int i = 0; i < 7; ++i) many.push_back({"/a", std::vector<Json>(1000)});
  EXPECT_EQ(num_points(many), std::numeric_limits<std::uint64_t>::max());
  many.resize(3);
  EXPECT_EQ(num_points(many), 1'000'000'000U);
}

TEST(Axis, TheLastAxisRunsFastest) {
  EXPECT_THAT(point_at(two_axes(), 0), ElementsAre(0U, 0U));
  EXPECT_THAT(point_at(two_axes(), 2), ElementsAre(0U, 2U));
  EXPECT_THAT(point_at(two_axes(), 3), ElementsAre(1U, 0U));
  EXPECT_THAT(point_at(two_axes(), 5), ElementsAre(1U, 2U));
  EXPECT_TRUE(point_at({}, 0).empty());
}

TEST(Axis, SetsTheValuesOfAPoint) {
  const Json scenario = json(R"({"layout":{"tp":8},"list":[1,2]})");
  EXPECT_EQ(scenario_at(scenario, "s.json", two_axes(), point_at(two_axes(), 5)),
            json(R"({"layout":{"tp":2,"pp":16},"list":[1,2]})"));
  const std::vector<Axis> others{{"/new/key~1x", {true}}, {"/list/1", {7}}};
  EXPECT_EQ(scenario_at(scenario, "s.json", others, point_at(others, 0)),
            json(R"({"layout":{"tp":8},"list":[1,7],"new":{"key/x":true}})"));
  EXPECT_EQ(changes_at(two_axes(), point_at(two_axes(), 5)), json(R"({"/layout/tp":2,"/layout/pp":16})"));
}

TEST(Axis, RefusesAWayThroughNoObject) {
  const Json scenario = json(R"({"layout":{"tp":8},"cluster":"h800-2048"})");
  const auto set = [&](const char* pointer) {
    return fault_of([&] {
      const std::vector<Axis> axes{{pointer, {1}}};
      scenario_at(scenario, "s.json", axes, point_at(axes, 0));
    });
  };
  EXPECT_EQ(set("/layout/tp/x").file, "s.json");
  EXPECT_EQ(set("/layout/tp/x").pointer, "/layout/tp/x");
  EXPECT_THAT(set("/layout/tp/x").what_text, HasSubstr("below the number 8"));
  EXPECT_THAT(set("/cluster/gpus").hint, HasSubstr(R"('/cluster={"base":"h800-2048","gpus":1}')"));
  EXPECT_THAT(set("layout").what_text, HasSubstr("not a JSON pointer"));
}

TEST(Axis, IsCheckedByTheSchemaOfTheKind) {
  const Json scenario = json(R"({"kind":"training","layout":{"tp":8}})");
  Json schema;
  write_schema(kind_of(scenario, "s.json").spec(), schema);
  check_axis({"/layout/pp", {1, 2}}, scenario, schema, "grid.json");
  const SpecError error = fault_of([&] { check_axis({"/layout/ppp", {1}}, scenario, schema, "grid.json"); });
  EXPECT_EQ(error.file, "grid.json");
  EXPECT_THAT(error.hint, HasSubstr("did you mean"));
}

}  // namespace
}  // namespace moesim
