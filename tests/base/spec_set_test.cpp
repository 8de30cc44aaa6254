#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "tests/base/spec_example.hpp"

namespace moesim {
namespace {

using example_spec::Layout;
using testing::HasSubstr;

Json set(const std::string& pointer, const std::string& value,
         const std::string& text =
             R"({"pipeline_parallel":8,"order":"data_first","links":[{"bandwidth":"450 GB/s"}]})") {
  Json json = parse_json(text, "layout.json");
  set_at_pointer(json, schema_of<Layout>(), pointer, value);
  return json;
}

SpecError fault_of(const std::string& pointer, const std::string& value) {
  try {
    set(pointer, value);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << pointer;
  return {"", "", "", ""};
}

TEST(SetAtPointer, TakesJsonAndPlainText) {
  EXPECT_EQ(set("/pipeline_parallel", "4")["pipeline_parallel"], 4);
  EXPECT_EQ(set("/links/0/bandwidth", "100 GB/s")["links"][0]["bandwidth"], "100 GB/s");
  EXPECT_EQ(set("/links", R"([{"bandwidth": 0}])")["links"].size(), 1U);
  EXPECT_EQ(set("/order", "tensor_first")["order"], "tensor_first");
}

TEST(SetAtPointer, KeepsATextATextWhereTheSpecWantsOne) {
  EXPECT_EQ(set("/note", "8")["note"], "8");
  EXPECT_EQ(set("/note", "\"8\"")["note"], "8");
  EXPECT_EQ(set("/note", "")["note"], "");
}

TEST(SetAtPointer, MakesObjectsOnTheWayAndAppends) {
  EXPECT_EQ(set("/weights/a~1b", "0.5")["weights"]["a/b"], 0.5);
  EXPECT_EQ(set("/links/1/bandwidth", "1 GB/s")["links"][1]["bandwidth"], "1 GB/s");
  EXPECT_EQ(set("/links/0/bandwidth", "1 GB/s", "{}")["links"][0]["bandwidth"], "1 GB/s");
  EXPECT_EQ(set("/extra/any/thing", "[1]")["extra"]["any"]["thing"][0], 1);
}

TEST(SetAtPointer, RefusesAPlaceThatTheSpecDoesNotHave) {
  EXPECT_EQ(fault_of("/pipeline_paralel", "1").hint, "did you mean 'pipeline_parallel'?");
  EXPECT_EQ(fault_of("/links/0/bandwith", "1").hint, "did you mean 'bandwidth'?");
  EXPECT_THAT(fault_of("/links/7/bandwidth", "1").what_text, HasSubstr("no index of an array of 1"));
  EXPECT_THAT(fault_of("/links/-1/bandwidth", "1").what_text, HasSubstr("no index"));
  EXPECT_THAT(fault_of("/pipeline_parallel/x", "1").what_text, HasSubstr("below a single value"));
  EXPECT_THAT(fault_of("/cache/x", "1").what_text, HasSubstr("below a single value"));
  EXPECT_THAT(fault_of("pipeline_parallel", "1").hint, HasSubstr("start it with /"));
  EXPECT_THAT(fault_of("", "1").hint, HasSubstr("start it with /"));
  EXPECT_THAT(fault_of("/~2", "1").what_text, HasSubstr("not a JSON pointer"));
}

TEST(SetAtPointer, RefusesAWayThroughAScalar) {
  EXPECT_THROW(set("/links/0/bandwidth", "1", R"({"links": 5})"), SpecError);
  EXPECT_THROW(set("/links/0/bandwidth", "1", R"({"links": {}})"), SpecError);
  EXPECT_THROW(set("/weights/a", "1", R"({"weights": "x"})"), SpecError);
}

TEST(SetAtPointer, ShowsHowToChangeWhatIsOnlyNamed) {
  try {
    set("/extra/nic/bandwidth", "50 GB/s", R"({"extra": "h800-2048"})");
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.what_text, "'nic' is below the name \"h800-2048\"");
    EXPECT_EQ(error.hint, R"(write --set '/extra={"base":"h800-2048","nic":{"bandwidth":"50 GB/s"}}')");
  }
}

}  // namespace
}  // namespace moesim
