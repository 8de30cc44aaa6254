#include "sim/validation/case_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "tests/sim_validation/case_text.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

TEST(CaseFile, ReadsEveryKey) {
  Json document = test::plain_case();
  document["role"] = "range";
  document["family"] = "scales";
  document["overrides"] = {{"/routing/mode", "balanced"}};
  document["layouts"] = {{{"/layout/pp", 8}}, {{"/layout/pp", 16}}};
  document["excluded_sources"] = {"x"};
  document["published"][0].erase("tolerance_fraction");
  const ValidationCase c = test::case_of(document);
  EXPECT_EQ(c.role, CaseRole::range);
  EXPECT_EQ(c.overrides.at("/routing/mode").text, "\"balanced\"");
  EXPECT_EQ(c.layouts.at(1).at("/layout/pp").text, "16");
  EXPECT_EQ(c.published.at(0).value, 2);
}

struct BadCase {
  const char* name;
  std::function<void(Json&)> spoil;
  const char* pointer;
};

class BadCaseFile : public testing::TestWithParam<BadCase> {};

TEST_P(BadCaseFile, IsRefused) {
  Json document = test::plain_case();
  GetParam().spoil(document);
  try {
    test::case_of(document);
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, GetParam().pointer) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BadCaseFile,
    testing::Values(BadCase{"unknown_key", [](Json& c) { c["tolerance"] = 1; }, "/tolerance"},
                    BadCase{"unknown_role", [](Json& c) { c["role"] = "guess"; }, "/role"},
                    BadCase{"no_figure", [](Json& c) { c["published"] = Json::array(); }, "/published"},
                    BadCase{"unknown_source", [](Json& c) { c["published"][0]["source"] = "book"; },
                            "/published/0/source"},
                    BadCase{"no_place", [](Json& c) { c["published"][0].erase("where"); },
                            "/published/0/where"},
                    BadCase{"zero", [](Json& c) { c["published"][0]["value"] = 0; }, "/published/0/value"},
                    BadCase{"no_tolerance", [](Json& c) { c["published"][0].erase("tolerance_fraction"); },
                            "/published/0"},
                    BadCase{"wide_tolerance", [](Json& c) { c["published"][0]["tolerance_fraction"] = 1.5; },
                            "/published/0/tolerance_fraction"},
                    BadCase{"same_metric", [](Json& c) { c["published"].push_back(Json(c["published"][0])); },
                            "/published/1/metric"},
                    BadCase{"layouts_of_a_check",
                            [](Json& c) {
                              c["layouts"] = {{{"/layout/pp", 8}}, {{"/layout/pp", 4}}};
                            },
                            "/layouts"},
                    BadCase{"range_with_tolerance",
                            [](Json& c) {
                              c["role"] = "range";
                              c["layouts"] = {{{"/layout/pp", 8}}, {{"/layout/pp", 4}}};
                            },
                            "/published/0/tolerance_fraction"},
                    BadCase{"range_of_one_layout",
                            [](Json& c) {
                              c["role"] = "range";
                              c["published"][0].erase("tolerance_fraction");
                              c["layouts"] = {{{"/layout/pp", 8}}};
                            },
                            "/layouts"}),
    [](const auto& info) { return std::string(info.param.name); });

class CaseFiles : public test::CaseFolder {
 protected:
  void write_case(const std::string& name, const std::string& id) const {
    Json document = test::plain_case();
    document["id"] = id;
    write(name, document);
  }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const ValidationCase& c : read_cases(std::vector{folder_})) ids.push_back(c.id);
    return ids;
  }
};

TEST_F(CaseFiles, AreReadBelowTheFolderInOrder) {
  write_case("b.json", "second");
  write_case("a/z.json", "first");
  write_case("c.txt", "not a case");
  EXPECT_THAT(ids(), testing::ElementsAre("first", "second"));
}

TEST_F(CaseFiles, NoneIsSkipped) {
  EXPECT_THROW(ids(), SpecError) << "an empty folder";
  write_case("a.json", "a");
  std::ofstream(folder_ / "b.json") << "{";
  EXPECT_THROW(ids(), SpecError) << "a file that is no JSON";
  write_case("b.json", "a");
  EXPECT_THROW(ids(), SpecError) << "an id of two files";
  EXPECT_THROW(read_cases(std::vector{folder_ / "absent"}), SpecError);
}

}  // namespace
}  // namespace moesim
