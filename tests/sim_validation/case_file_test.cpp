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
  document["range"] = {{"variants", {{{"/layout/pp", 8}}, {{"/layout/pp", 16}}}},
                       {"grid", {{"/layout/ep", {8, 16, 32}}}}};
  document["phases"] = {{{"name", "long"}, {"overrides", {{"/recipe/global_batch", 480}}}, {"steps", 1000}},
                        {{"scenario", "other.json"}, {"tokens", 1e12}}};
  document["published"][0]["metric"] = "total.gpu_hours";
  document["excluded_sources"] = {"x"};
  document["published"][0].erase("tolerance_fraction");
  const ValidationCase c = test::case_of(document);
  EXPECT_EQ(c.role, CaseRole::range);
  EXPECT_EQ(c.overrides.at("/routing/mode").text, "\"balanced\"");
  EXPECT_EQ(c.range->variants.at(1).at("/layout/pp").text, "16");
  EXPECT_EQ(c.range->num_variants(), 6u);
  EXPECT_EQ(c.phases.at(0).steps, 1000);
  EXPECT_EQ(c.phases.at(1).scenario->text, "\"other.json\"");
  EXPECT_EQ(c.published.at(0).value, 2);
}

Json two_layouts() {
  return {{"variants", {{{"/layout/pp", 8}}, {{"/layout/pp", 4}}}}};
}

/// Makes a range of the case, without the key where `range` is null.
void make_range(Json& c, const Json& range) {
  c["role"] = "range";
  c["published"][0].erase("tolerance_fraction");
  if (!range.is_null()) c["range"] = range;
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
    testing::Values(
        BadCase{"unknown_key", [](Json& c) { c["tolerance"] = 1; }, "/tolerance"},
        BadCase{"unknown_role", [](Json& c) { c["role"] = "guess"; }, "/role"},
        BadCase{"no_figure", [](Json& c) { c["published"] = Json::array(); }, "/published"},
        BadCase{"unknown_source", [](Json& c) { c["published"][0]["source"] = "book"; },
                "/published/0/source"},
        BadCase{"no_place", [](Json& c) { c["published"][0].erase("where"); }, "/published/0/where"},
        BadCase{"zero", [](Json& c) { c["published"][0]["value"] = 0; }, "/published/0/value"},
        BadCase{"no_tolerance", [](Json& c) { c["published"][0].erase("tolerance_fraction"); },
                "/published/0"},
        BadCase{"wide_tolerance", [](Json& c) { c["published"][0]["tolerance_fraction"] = 1.5; },
                "/published/0/tolerance_fraction"},
        BadCase{"same_metric", [](Json& c) { c["published"].push_back(Json(c["published"][0])); },
                "/published/1/metric"},
        BadCase{"range_of_a_check", [](Json& c) { c["range"] = two_layouts(); }, "/range"},
        BadCase{"range_with_tolerance",
                [](Json& c) {
                  c["role"] = "range";
                  c["range"] = two_layouts();
                },
                "/published/0/tolerance_fraction"},
        BadCase{"no_range", [](Json& c) { make_range(c, nullptr); }, ""},
        BadCase{"range_of_one_variant",
                [](Json& c) {
                  make_range(c, {{"variants", {{{"/layout/pp", 8}}}}});
                },
                "/range"},
        BadCase{"grid_of_one_value",
                [](Json& c) {
                  make_range(c, {{"grid", {{"/layout/pp", {8}}}}});
                },
                "/range"},
        BadCase{"grid_without_value",
                [](Json& c) {
                  make_range(c, {{"grid", {{"/layout/pp", Json::array()}}}});
                },
                "/range/grid/~1layout~1pp"},
        BadCase{"too_many_variants",
                [](Json& c) {
                  const Json values = std::vector<int>(17, 1);
                  make_range(c, {{"grid", {{"/layout/pp", values}, {"/layout/ep", values}}}});
                },
                "/range"},
        BadCase{"phase_without_length", [](Json& c) { c["phases"] = {Json::object()}; }, "/phases/0"},
        BadCase{"phase_of_two_lengths",
                [](Json& c) {
                  c["phases"] = {{{"steps", 1}, {"tokens", 1}}};
                },
                "/phases/0"},
        BadCase{"step_figure_of_phases",
                [](Json& c) {
                  c["phases"] = {{{"steps", 1}}};
                },
                "/published/0/metric"},
        BadCase{"total_without_phases", [](Json& c) { c["published"][0]["metric"] = "total.gpu_hours"; },
                "/published/0/metric"},
        BadCase{"unknown_total",
                [](Json& c) {
                  c["phases"] = {{{"steps", 1}}};
                  c["published"][0]["metric"] = "total.gpu_hour";
                },
                "/published/0/metric"}),
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
