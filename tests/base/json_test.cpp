#include "base/json.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

SpecError fault_of(const std::string& text) {
  try {
    parse_json(text, "a.json");
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 80);
  return {"", "", "", ""};
}

SpecError fault_of_file(const std::filesystem::path& path) {
  try {
    read_json_file(path);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << path;
  return {"", "", "", ""};
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

class JsonFile : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }

  test::OwnFile file_{"json_test.json"};
  const std::filesystem::path& path_ = file_.path();
};

TEST(Json, KeepsTheOrderOfKeysAndEveryKindOfValue) {
  const std::string text = R"({"z":1,"a":[true,null,"x",-2,0.5],"m":{"q":18446744073709551615}})";
  EXPECT_EQ(write_json(parse_json(text, "a.json"), -1), text + "\n");
}

TEST(Json, SkipsAByteOrderMark) {
  EXPECT_EQ(parse_json("\xEF\xBB\xBF[1]", "a.json").size(), 1U);
}

TEST(Json, RefusesADuplicateKeyWithItsPointerAndPlace) {
  const SpecError error = fault_of("{\"a\": {\"b\": [0, {\"c/d\": 1,\n \"c/d\": 2}]}}");
  EXPECT_EQ(error.pointer, "/a/b/1/c~1d");
  EXPECT_THAT(error.what_text, StartsWith("2:"));
  EXPECT_THAT(error.what_text, HasSubstr("duplicate key 'c/d'"));
  EXPECT_EQ(error.file, "a.json");
}

TEST(Json, TakesTheSameKeyInDifferentObjects) {
  EXPECT_EQ(parse_json(R"([{"a":1},{"a":{"a":2}}])", "").size(), 2U);
}

TEST(Json, RefusesMoreThan64Levels) {
  EXPECT_EQ(parse_json(nested(64), "a.json").size(), 1U);
  EXPECT_THAT(fault_of(nested(65)).what_text, HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(fault_of(nested(200'000)).what_text, HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(fault_of(std::string(200'000, '[')).what_text, HasSubstr("nested more than 64 deep"));
}

TEST(Json, NamesLineAndColumnOfAFault) {
  EXPECT_THAT(fault_of("{\n  \"a\": nope}").what_text, StartsWith("2:"));
  EXPECT_THAT(fault_of("").what_text, HasSubstr("empty"));
  EXPECT_THAT(fault_of(" \n ").what_text, HasSubstr("empty"));
}

class NotJson : public testing::TestWithParam<std::string> {};

TEST_P(NotJson, IsASpecError) {
  const SpecError fault = fault_of(GetParam());
  EXPECT_THAT(fault.what_text, HasSubstr("not JSON"));
  EXPECT_FALSE(fault.hint.empty());
}

INSTANTIATE_TEST_SUITE_P(Texts, NotJson,
                         testing::Values("{", "[1,", "[1,]", "{\"a\"}", "{\"a\":1,}", "[NaN]", "[Infinity]",
                                         "[1e999]", "[01]", "'a'", "{} {}", "[1] x", "\"\xff\"",
                                         "\"\\ud800\"", "// c\n1", "tru", std::string("\0", 1), "\xEF\xBB",
                                         "[\"a\nb\"]"));

TEST(Json, SaysWhatToDoAboutAFault) {
  EXPECT_THAT(fault_of(R"({"a": [1, {)").hint,
              testing::StartsWith("3 brackets are open: get the whole file, which may be cut off"));
  EXPECT_THAT(fault_of(R"({"a": [1, {)").hint, testing::EndsWith("close with }]}"));
  EXPECT_THAT(fault_of(R"({"a": "b)").hint, StartsWith("close the text with \""));
  EXPECT_EQ(fault_of("{} {}").hint, "a file holds one value: remove what follows it");
  EXPECT_EQ(fault_of("\"\xff\"").hint, "save the file as UTF-8");
  EXPECT_EQ(fault_of("[1,]").hint, "remove the comma before it, or add what is missing");
  EXPECT_EQ(fault_of("[1e999]").hint, "give a number below 1.8e308");
  EXPECT_THAT(fault_of("[\"a\nb\"]").hint, HasSubstr("as \\n"));
  EXPECT_THAT(fault_of("{'a': 1}").hint, HasSubstr("double quotes"));
}

TEST(Json, EveryTruncationIsASpecError) {
  const std::string whole = R"({"a": [1, -2.5e3, "x\u00e9"], "b": {"c": true, "d": null}})";
  for (std::size_t length = 0; length < whole.size(); ++length) fault_of(whole.substr(0, length));
}

TEST(Json, WritesTheShortestDoubleThatReadsBack) {
  for (const double value : {0.1, 1.0, 1e21, 5e-324, 1.7976931348623157e308, 0.30000000000000004, -0.0}) {
    const std::string text = write_json(Json(value));
    EXPECT_EQ(parse_json(text, "").get<double>(), value) << text;
    EXPECT_TRUE(parse_json(text, "").is_number_float()) << text;
  }
  EXPECT_EQ(write_json(Json(0.1)), "0.1\n");
}

TEST(Json, WritesArraysOfScalarsOnOneLine) {
  EXPECT_EQ(write_json(parse_json(R"({"a":[1,2],"b":[[1],{}],"c":{}})", "")),
            "{\n  \"a\": [1, 2],\n  \"b\": [\n    [1],\n    {}\n  ],\n  \"c\": {}\n}\n");
}

TEST(Json, RefusesToWriteWhatIsNotFinite) {
  const Json document{{"a", Json::array({std::numeric_limits<double>::infinity()})}};
  EXPECT_THROW(write_json(document), RunError);
}

TEST_F(JsonFile, IsRead) {
  write("{\"a\": 1}");
  EXPECT_EQ(read_json_file(path_)["a"], 1);
}

TEST_F(JsonFile, ThatIsMissingEmptyOrADirectoryIsASpecError) {
  EXPECT_THAT(fault_of_file(path_).what_text, HasSubstr("no such file"));
  write("");
  EXPECT_THAT(fault_of_file(path_).what_text, HasSubstr("empty"));
  const SpecError directory = fault_of_file(testing::TempDir());
  EXPECT_THAT(directory.what_text, HasSubstr("directory"));
  EXPECT_FALSE(directory.hint.empty());
}

}  // namespace
}  // namespace moesim
