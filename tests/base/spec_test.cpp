#include "base/spec.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/base/spec_example.hpp"

namespace moesim {
namespace {

using example_spec::Layout;
using example_spec::Link;
using example_spec::Order;
using testing::HasSubstr;

constexpr const char* kLayout = R"({
  "pipeline_parallel": 8, "order": "data_first", "links": [{"bandwidth": "450 GB/s"}]
})";

Json document() {
  return parse_json(kLayout, "layout.json");
}

Json with(const std::string& pointer, const std::string& json) {
  Json changed = document();
  changed[Json::json_pointer(pointer)] = parse_json(json, "");
  return changed;
}

SpecErrors faults_of(const Json& json) {
  try {
    read_spec<Layout>(json, "layout.json");
  } catch (const SpecErrors& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << json.dump();
  return SpecErrors("", {SpecIssue{}});
}

TEST(Spec, ReadsAndKeepsDefaults) {
  const auto layout = read_spec<Layout>(document(), "layout.json");
  EXPECT_EQ(layout.pipeline_parallel, 8);
  EXPECT_EQ(layout.order, Order::kDataFirst);
  EXPECT_EQ(layout.skew, 0.5);
  ASSERT_EQ(layout.links.size(), 1U);
  EXPECT_EQ(layout.links[0], (Link{BytesPerSecond(450e9), Seconds(1e-6)}));
  EXPECT_EQ(layout.note, std::nullopt);
  EXPECT_EQ(layout.gpu, GpuId(3));
}

TEST(Spec, WritesWhatItReads) {
  Layout layout;
  layout.links = {Link{BytesPerSecond(50e9), Seconds(0)}, Link{BytesPerSecond(1.0 / 3), Seconds(2.5e-6)}};
  layout.weights = {{"a/b", 0.25}, {"c", 1.0}};
  layout.note = "x";
  layout.seed = UINT64_MAX;
  layout.extra = {R"({"deep":[1,{"a":null}]})"};
  const Json written = write_spec(layout);
  EXPECT_EQ(read_spec<Layout>(written, ""), layout) << write_json(written);
  EXPECT_EQ(read_spec<Layout>(parse_json(write_spec_text(layout), ""), ""), layout);
}

TEST(Spec, LeavesOutWhatIsAbsent) {
  EXPECT_FALSE(write_spec(Layout{}).contains("note"));
}

TEST(Spec, GuessesAMistypedKey) {
  Json json = document();
  json["pipeline_paralel"] = 8;
  const SpecErrors error = faults_of(json);
  EXPECT_EQ(error.pointer, "/pipeline_paralel");
  EXPECT_EQ(error.hint, "did you mean 'pipeline_parallel'?");
  EXPECT_EQ(error.file, "layout.json");
}

// However many there are.
TEST(Spec, NamesTheKeysWhereNoneIsNear) {
  Json json = document();
  json["zzzzzz"] = 8;
  EXPECT_THAT(faults_of(json).hint, testing::StartsWith("the keys of layout are pipeline_parallel, order"));
}

TEST(Spec, CollectsEveryFault) {
  const auto issues = faults_of(parse_json(R"({"order": 1, "links": [{}, 5], "zzzzzz": 0})", "")).issues;
  std::vector<std::string> pointers;
  for (const SpecIssue& issue : issues) pointers.push_back(issue.pointer);
  EXPECT_THAT(pointers, testing::ElementsAre("/zzzzzz", "/pipeline_parallel", "/order", "/links/0/bandwidth",
                                             "/links/1"));
}

struct Fault {
  const char* pointer;
  const char* json;
  const char* what;
  const char* hint;
};

class Faulty : public testing::TestWithParam<Fault> {};

TEST_P(Faulty, NamesPointerFaultAndRemedy) {
  const SpecErrors error = faults_of(with(GetParam().pointer, GetParam().json));
  EXPECT_EQ(error.pointer, GetParam().pointer);
  EXPECT_THAT(error.what_text, HasSubstr(GetParam().what));
  EXPECT_THAT(error.hint, HasSubstr(GetParam().hint));
  EXPECT_FALSE(error.hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Fields, Faulty,
    testing::Values(Fault{"/links/0/bandwidth", "450", "with a unit, got the number 450", "\"450 GB/s\""},
                    Fault{"/links/0/bandwidth", "\"450 GiB\"", "", "\"450 GB/s\""},
                    Fault{"/links/0/bandwidth", "\"fast\"", "", "\"450 GB/s\""},
                    Fault{"/links/0/bandwidth", "\"0 GB/s\"", "must be above 0", ""},
                    Fault{"/links/0/bandwidth", "0", "must be above 0", "bandwidth: per GPU and direction"},
                    Fault{"/links/0/latency", "\"-1 us\"", "must be at least 0 s", ""},
                    Fault{"/links/0/latency", "[]", "expected a text with a time, got an array", "5 us"},
                    Fault{"/links", "[]", "at least 1 element", ""},
                    Fault{"/note", "\"\"", "must not be empty", "note: free text"},
                    Fault{"/note", "1", "expected a text", "write it in double quotes"},
                    Fault{"/links", "{}", "expected an array, got an object", ""},
                    Fault{"/pipeline_parallel", "0", "must be at least 1 and at most 64, got the number 0",
                          "pipeline_parallel: pipeline stages"},
                    Fault{"/pipeline_parallel", "99999999999999999999", "must be at least 1", ""},
                    Fault{"/pipeline_parallel", "1.5", "expected a whole number, got the number 1.5", ""},
                    Fault{"/pipeline_parallel", "\"8\"", "expected a whole number, got the text '8'",
                          "without quotes"},
                    Fault{"/pipeline_parallel", "null", "expected a whole number, got null", ""},
                    Fault{"/seed", "-1", "must be at least 0", ""},
                    Fault{"/skew", "1.01", "must be at least 0 and at most 1", ""},
                    Fault{"/weights/a~1b", "2", "must be at least 0 and at most 1", ""},
                    Fault{"/overlap", "\"true\"", "expected true or false", "without quotes"},
                    Fault{"/order", "\"data_frist\"", "unknown value 'data_frist'",
                          "did you mean 'data_first'? one of tensor_first"},
                    Fault{"/router", "\"zzz\"", "unknown value 'zzz'", "one of plain, rank_first"},
                    Fault{"/note", "null", "expected a text, got null", ""}));

TEST(Spec, TakesZeroAndWholeNumbersInEitherSpelling) {
  EXPECT_EQ(read_spec<Layout>(with("/links/0/latency", "0"), "").links[0].latency, Seconds(0));
  EXPECT_EQ(read_spec<Layout>(with("/pipeline_parallel", "8.0"), "").pipeline_parallel, 8);
  EXPECT_EQ(read_spec<Layout>(with("/seed", "1e6"), "").seed, 1'000'000U);
}

TEST(Spec, RunsChecksOnlyOverSoundObjects) {
  Json json = with("/router", "\"rank_first\"");
  json["pipeline_parallel"] = 1;
  EXPECT_EQ(faults_of(json).pointer, "/router");
  json["skew"] = 2;
  EXPECT_EQ(faults_of(json).issues.size(), 1U);
}

TEST(Spec, PointsFromTheRootOfTheFile) {
  try {
    read_spec<Link>(Json::object(), "cluster.json", "/nodes/3");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/nodes/3/bandwidth");
  }
}

TEST(SpecTable, HasARowForEveryKey) {
  const std::string table = markdown_table_of<Layout>();
  EXPECT_THAT(table, HasSubstr("| `pipeline_parallel` | whole number, at least 1 and at most 64 |  | "
                               "required | pipeline stages |\n"));
  EXPECT_THAT(table, HasSubstr("| `links[].bandwidth` | quantity, above 0 B/s |"));
  EXPECT_THAT(table, HasSubstr("| `gpu` | whole number, at least 0 |"));
  EXPECT_THAT(table, HasSubstr("0 even \\| 1 all to one"));
  EXPECT_THAT(table, HasSubstr("`\"80 GiB\"`"));
}

TEST(SpecSchema, SaysWhatTheReaderTakes) {
  const Json schema = schema_of<Layout>();
  EXPECT_EQ(schema["type"], "object");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], Json::array({"pipeline_parallel", "order", "links"}));
  const Json& properties = schema["properties"];
  EXPECT_EQ(properties["pipeline_parallel"],
            Json::object(
                {{"type", "integer"}, {"minimum", 1}, {"maximum", 64}, {"description", "pipeline stages"}}));
  EXPECT_EQ(properties["order"]["enum"], Json::array({"tensor_first", "data_first", "pipeline_first"}));
  EXPECT_EQ(properties["links"]["items"]["required"], Json::array({"bandwidth"}));
  EXPECT_EQ(properties["cache"]["default"], "80 GiB");
  EXPECT_EQ(properties["weights"]["additionalProperties"]["maximum"], 1);
}

}  // namespace
}  // namespace moesim
