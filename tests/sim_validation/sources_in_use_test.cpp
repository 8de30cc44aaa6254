#include "sim/validation/sources_in_use.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "tests/sim_validation/case_text.hpp"

namespace moesim {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

const char* const kScenario = R"({"calibration": "h800-sxm", "stack": "deepseek-v3-fp8"})";
const char* const kTrace = "deepseek-profile-data";

TEST(SourcesInUse, AreThoseOfEntriesAndConstants) {
  const auto uses = sources_in_use(Json::parse(kScenario), "x.json", {});
  EXPECT_THAT(uses, Contains(Key(kTrace)));
  EXPECT_THAT(uses, Contains(Key("deepgemm-readme")));
  EXPECT_THAT(uses, Contains(Key("engineering-experience"))) << "constants count";
}

TEST(SourcesInUse, ExcludedOnesAreGoneFromEntriesAndConstants) {
  const auto uses = sources_in_use(Json::parse(kScenario), "x.json", {kTrace});
  EXPECT_THAT(uses, Not(Contains(Key(kTrace))));
  EXPECT_THAT(uses, Contains(Key("deepgemm-readme")));
}

TEST(SourcesInUse, AStackAloneCounts) {
  // compute_contention of the stack was fitted on the trace; without the exclusion no other part names it
  // here.
  const auto uses = sources_in_use(Json::parse(R"({"pools": [{"stack": "deepseek-v3-fp8"}]})"), "x.json", {});
  EXPECT_THAT(uses, Contains(Key(kTrace)));
}

TEST(SourcesInUse, UnknownNamesAreRefused) {
  EXPECT_THROW(sources_in_use(Json::parse(R"({"calibration": "h800-sxn"})"), "x.json", {}), LocatedError);
}

ValidationCase case_from(const char* source, const char* role) {
  Json document = test::plain_case();
  document["role"] = role;
  document["sources"][0]["id"] = source;
  document["published"][0]["source"] = source;
  return test::case_of(document);
}

TEST(Independence, ACheckThatUsesItsOwnSourceIsRefused) {
  const std::vector<CaseScenario> scenarios{{"x.json", {kScenario}}};
  try {
    require_independence(case_from(kTrace, "check"), scenarios, {});
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/role");
    EXPECT_THAT(error.what_text, HasSubstr(kTrace));
    EXPECT_THAT(error.hint, HasSubstr("/excluded_sources"));
  }
  EXPECT_NO_THROW(require_independence(case_from(kTrace, "check"), scenarios, {kTrace}));
  EXPECT_NO_THROW(require_independence(case_from(kTrace, "fit"), scenarios, {}));
  EXPECT_NO_THROW(require_independence(case_from("paper", "check"), scenarios, {}));
}

}  // namespace
}  // namespace moesim
