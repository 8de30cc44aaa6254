#include "sim/validation/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/validation/case_scenario.hpp"
#include "sim/validation/variants.hpp"
#include "tests/sim_validation/case_text.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* const kScenarioFile = "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json";

/// A check of DeepSeek-V3's step with a figure of a source that nothing else uses.
Json step_case(const std::string& id, double published_s) {
  Json document = test::plain_case();
  document["id"] = id;
  document["scenario"] = std::filesystem::absolute(kScenarioFile).string();
  document["published"][0]["value"] = published_s;
  return document;
}

TEST(CaseScenario, OverridesReplaceValuesAndKeepTheRest) {
  Json document = step_case("a", 1);
  document["overrides"] = {{"/routing", {{"mode", "balanced"}}}, {"/seed", 7}, {"/model", "deepseek-v2"}};
  const auto scenarios = scenarios_of(test::case_of(document));
  ASSERT_EQ(scenarios.size(), 1u);
  const Json scenario = Json::parse(scenarios[0].document.text);
  EXPECT_EQ(scenario["routing"], Json({{"mode", "balanced"}}));
  EXPECT_EQ(scenario["seed"], 7);
  EXPECT_EQ(scenario["model"], "deepseek-v2");
  EXPECT_EQ(scenario["layout"]["pp"], 16);
  EXPECT_THAT(scenarios[0].file, HasSubstr(kScenarioFile));
}

Json range_case(const Json& range) {
  Json document = step_case("a", 1);
  document["role"] = "range";
  document["published"][0].erase("tolerance_fraction");
  document["overrides"] = {{"/seed", 7}};
  document["range"] = range;
  return document;
}

/// What the scenarios of a case have at a pointer.
std::vector<int> values_at(const Json& document, const char* pointer) {
  std::vector<int> values;
  for (const CaseScenario& scenario : scenarios_of(test::case_of(document))) {
    values.push_back(Json::parse(scenario.document.text).at(Json::json_pointer(pointer)).get<int>());
  }
  return values;
}

TEST(CaseScenario, VariantsOfARangeComeOnTop) {
  const Json document = range_case({{"variants", {{{"/layout/pp", 8}}, {{"/layout/pp", 4}, {"/seed", 9}}}}});
  EXPECT_THAT(values_at(document, "/layout/pp"), ElementsAre(8, 4));
  EXPECT_THAT(values_at(document, "/seed"), ElementsAre(7, 9));
}

TEST(CaseScenario, AGridIsEveryCombination) {
  const Json document = range_case({{"variants", {{{"/seed", 1}}, {{"/seed", 2}}}},
                                    {"grid", {{"/layout/pp", {8, 16}}, {"/layout/ep", {32, 64}}}}});
  EXPECT_THAT(values_at(document, "/seed"), ElementsAre(1, 1, 1, 1, 2, 2, 2, 2));
  EXPECT_THAT(values_at(document, "/layout/ep"), ElementsAre(32, 32, 64, 64, 32, 32, 64, 64));
  EXPECT_THAT(values_at(document, "/layout/pp"), ElementsAre(8, 16, 8, 16, 8, 16, 8, 16));
  EXPECT_EQ(variants_of(test::case_of(document)).at(1).label, "/seed=1 /layout/ep=32 /layout/pp=16");
}

TEST(CaseScenario, PhasesStandBetweenCaseAndVariant) {
  Json document = range_case({{"grid", {{"/layout/pp", {8, 16}}}}});
  document["published"][0]["metric"] = "total.steps";
  document["phases"] = {{{"overrides", {{"/layout/pp", 4}, {"/layout/ep", 32}, {"/seed", 8}}}, {"steps", 1}},
                        {{"tokens", 5}}};
  EXPECT_THAT(values_at(document, "/layout/pp"), ElementsAre(8, 8, 16, 16));
  EXPECT_THAT(values_at(document, "/layout/ep"), ElementsAre(32, 64, 32, 64));
  EXPECT_THAT(values_at(document, "/seed"), ElementsAre(8, 7, 8, 7));
}

TEST(CaseScenario, AVariantThatIsNoScenarioIsRefused) {
  try {
    scenarios_of(test::case_of(range_case({{"grid", {{"/layout/schedule", {"1f1b", "dualpip"}}}}})));
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/range/grid/~1layout~1schedule/1");
    EXPECT_THAT(error.hint, HasSubstr("dualpipe"));
  }
}

TEST(CaseScenario, UnknownPlacesAreRefusedWhereTheyStand) {
  Json document = step_case("a", 1);
  document["overrides"] = {{"/layout/ppp", 8}};
  try {
    scenarios_of(test::case_of(document));
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, "case.json");
    EXPECT_EQ(error.pointer, "/overrides/~1layout~1ppp");
  }
  document = step_case("a", 1);
  document["scenario"] = "absent.json";
  EXPECT_THROW(scenarios_of(test::case_of(document)), SpecError);
  document["scenario"] = 3;
  EXPECT_THROW(scenarios_of(test::case_of(document)), SpecError);
}

class Validation : public test::CaseFolder {
 protected:
  /// Every run takes one second, but what `id` names fails.
  [[nodiscard]] Json validated(const std::string& failing = "") const {
    ValidationOptions options;
    options.excluded_sources = {"deepep-readme"};
    options.seed = 5;
    options.run = [&](const std::vector<WorkerRequest>& requests) {
      std::vector<WorkerOutcome> outcomes;
      for (const WorkerRequest& request : requests) {
        EXPECT_EQ(request.seed, 5u);
        outcomes.push_back(request.id == failing ? WorkerOutcome{{}, 1, "no luck"}
                                                 : test::done(R"({"step_time_s": 1})"));
      }
      return outcomes;
    };
    return validate(std::vector{folder_}, options);
  }
};

// Published 1.25 s and 0.8 s against 1 s: errors of -20 % and +25 %; the tolerance of 10 % is left by both.
TEST_F(Validation, ComparesEveryFigureAndCountsChecks) {
  write("a.json", step_case("a", 1));
  write("b.json", step_case("b", 1.25));
  Json fit = step_case("c", 0.8);
  fit["role"] = "fit";
  write("c.json", fit);
  const Json document = validated();
  ASSERT_EQ(document["cases"].size(), 3u);
  EXPECT_EQ(document["cases"][0]["status"], "pass");
  EXPECT_NEAR(document["cases"][1]["error_fraction"].get<double>(), -0.2, 1e-12);
  EXPECT_NEAR(document["cases"][2]["error_fraction"].get<double>(), 0.25, 1e-12);
  EXPECT_EQ(document["cases"][0]["source"], "A paper, Table 1");
  EXPECT_EQ(document["summary"]["cases"], 2);
  EXPECT_NEAR(document["summary"]["median_abs_error"].get<double>(), 0.1, 1e-12);
  EXPECT_NEAR(document["summary"]["max_abs_error"].get<double>(), 0.2, 1e-12);
  EXPECT_EQ(document["summary"]["outside"], 2);
  EXPECT_EQ(exit_code_of_validation(document), ExitCode::kOutsideTolerance);
}

TEST_F(Validation, ExitCodes) {
  write("a.json", step_case("a", 1));
  EXPECT_EQ(exit_code_of_validation(validated()), ExitCode::kDone);
  const Json failed = validated("a");
  EXPECT_EQ(failed["cases"][0]["message"], "no luck");
  EXPECT_EQ(failed["summary"]["failed"], 1);
  EXPECT_TRUE(failed["summary"]["median_abs_error"].is_null());
  EXPECT_EQ(exit_code_of_validation(failed), ExitCode::kRunFailed);
}

TEST_F(Validation, TheSourcesOfCaseAndCallAreLeftOut) {
  Json document = step_case("a", 1);
  document["excluded_sources"] = {"deepgemm-readme"};
  write("a.json", document);
  ValidationOptions options;
  options.excluded_sources = {"deepep-readme"};
  std::vector<std::string> excluded;
  options.run = [&](const std::vector<WorkerRequest>& requests) {
    excluded = requests.at(0).exclude_sources;
    return std::vector<WorkerOutcome>(requests.size());
  };
  validate(std::vector{folder_}, options);
  EXPECT_THAT(excluded, ElementsAre("deepep-readme", "deepgemm-readme"));
}

/// The text of the SpecError that validate() throws.
std::string refusal(const std::filesystem::path& folder, const SourceSet& excluded_sources) {
  ValidationOptions options;
  options.excluded_sources = excluded_sources;
  options.run = [](const std::vector<WorkerRequest>& requests) {
    ADD_FAILURE() << "it ran";
    return std::vector<WorkerOutcome>(requests.size());
  };
  try {
    validate(std::vector{folder}, options);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_F(Validation, UnknownSourcesAreRefusedBeforeAnythingRuns) {
  Json document = step_case("a", 1);
  write("a.json", document);
  EXPECT_EQ(refusal(folder_, {"deepgemm"}),
            "--exclude-source: no source is called 'deepgemm'; did you mean 'deepgemm-readme'?");
  document["excluded_sources"] = {"deepep-raedme"};
  write("a.json", document);
  EXPECT_EQ(refusal(folder_, {}),
            (folder_ / "a.json").string() +
                ": /excluded_sources: no source is called 'deepep-raedme'; did you mean "
                "'deepep-readme'?");
}

TEST_F(Validation, ACheckOnItsOwnSourceStopsEverything) {
  Json document = step_case("a", 1);
  document["sources"][0]["id"] = "deepseek-profile-data";
  document["published"][0]["source"] = "deepseek-profile-data";
  write("a.json", document);
  EXPECT_THROW(validated(), SpecError);
}

}  // namespace
}  // namespace moesim
