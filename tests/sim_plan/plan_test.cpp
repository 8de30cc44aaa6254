#include "sim/plan/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "sim/plan/scenario.hpp"
#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

using namespace literals;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> pointers(const PlanInput& input) {
  std::vector<std::string> found;
  for (const auto& violation : find_violations(input)) found.push_back(violation.pointer);
  return found;
}

PlanError::Violation only_violation(const PlanInput& input) {
  const auto violations = find_violations(input);
  EXPECT_EQ(violations.size(), 1U);
  return violations.empty() ? PlanError::Violation{} : violations.front();
}

TEST(Plan, OfDeepSeekV3Holds) {
  const Plan plan = make_plan(test::deepseek_v3_input());
  EXPECT_EQ(plan.num_microbatches(), 120);
  EXPECT_EQ(plan.tokens_per_microbatch(), 4096);
  EXPECT_EQ(plan.stages_of_rank(3), (std::vector{StageId(3), StageId(12)}));
  EXPECT_TRUE(plan.warnings.empty());
}

TEST(Plan, IsWrittenAsJson) {
  const Json json = plan_json(make_plan(test::deepseek_v3_input()));
  EXPECT_EQ(json.at("microbatches"), 120);
  EXPECT_EQ(json.at("stages").size(), 16U);
  EXPECT_EQ(json.at("process_groups").at("expert").at("nodes"), 8);
  EXPECT_EQ(json.at("memory").at("fits"), true);
  EXPECT_EQ(json.at("memory").at("ranks").at(7).at("stages"), Json({7, 8}));
  EXPECT_EQ(json.at("topology").at("gpus"), 2048);
}

TEST(PlanErrors, ComeAllAtOnce) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.pp = 12;
  input.layout.ep = 512;
  input.layout.vpp = 2;
  input.layout.tp = 3;
  EXPECT_EQ(pointers(input), (std::vector<std::string>{"/layout/pp", "/layout/ep", "/layout/vpp",
                                                       "/layout/tp", "/recipe/sequence_length"}));
  EXPECT_THROW(make_plan(input), PlanError);
}

TEST(PlanErrors, NameEveryZeroSize) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.tp = 0;
  input.layout.micro_batch = 0;
  input.recipe.global_batch = 0;
  EXPECT_EQ(pointers(input),
            (std::vector<std::string>{"/layout/tp", "/layout/micro_batch", "/recipe/global_batch"}));
}

TEST(PlanErrors, NameTheNearestSizeThatDivides) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.pp = 15;
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.what, "tp x cp x pp = 15 does not divide 2048 GPUs");
  EXPECT_EQ(violation.hint, "pp 16");
}

TEST(PlanErrors, RefuseMoreExpertParallelismThanExperts) {
  PlanInput input = test::deepseek_v3_input();
  input.cluster.num_nodes = 1024;
  input.recipe.global_batch = 61440;
  input.layout.ep = 512;
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.what, "ep 512 is larger than the 256 experts");
  EXPECT_EQ(violation.hint, "ep 256");
}

TEST(PlanErrors, RefuseExpertGroupsThatDoNotFillAStage) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.ep = 256;  // a stage has 128 GPUs
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.what, "etp x ep = 256 does not divide the 128 GPUs of a pipeline rank");
  EXPECT_EQ(violation.hint, "ep 128");
}

// The first batches of DeepSeek-V3's ramp: 3,072 sequences are 24 micro-batches a pipeline, DualPipe
// needs 32.
TEST(PlanErrors, NameTheFallbackForTooFewMicrobatches) {
  PlanInput input = test::deepseek_v3_input();
  input.recipe.global_batch = 3072;
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.pointer, "/recipe/global_batch");
  EXPECT_THAT(violation.what, HasSubstr("got 24"));
  EXPECT_EQ(violation.hint, "schedule \"1f1b\", or 64 replicas (1024 GPUs), or 4096 sequences");
}

// 16 sequences for 128 replicas that need 32 micro-batches each.
TEST(PlanErrors, NameABatchThatDividesAndFillsTheSchedule) {
  PlanInput input = test::deepseek_v3_input();
  input.recipe.global_batch = 16;
  EXPECT_EQ(pointers(input), (std::vector<std::string>{"/recipe/global_batch", "/recipe/global_batch"}));
  for (const auto& violation : find_violations(input)) EXPECT_EQ(violation.hint, "4096 sequences");
  input.recipe.global_batch = 4096;
  EXPECT_TRUE(find_violations(input).empty());
  // 121 micro-batches are odd, 16,000 sequences are 125.
  input.recipe.global_batch = 16000;
  EXPECT_EQ(find_violations(input).back().hint, "schedule \"1f1b\", or 15872 sequences");
}

// 160 experts on 128 GPUs of a pipeline rank: ep must divide both.
TEST(PlanErrors, NameAnExpertParallelismThatDividesExpertsAndGpus) {
  PlanInput input = test::deepseek_v3_input();
  input.model.num_experts = 160;
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.what, "ep 64 does not divide 160 experts");
  EXPECT_EQ(violation.hint, "ep 32");
}

TEST(PlanErrors, NameAPipelineThatDividesTheGpusAndHasLayersForAllRanks) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.pp = 1024;
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.what, "1024 pipeline ranks for 61 layers");
  EXPECT_EQ(violation.hint, "pp 32");
  input.layout.pp = 1;
  EXPECT_EQ(find_violations(input).front().hint, "schedule \"1f1b\", or pp 2");
}

/// The change that a hint "pp 16", "ep 32" or "4096 sequences" asks for.
void follow(const std::string& hint, PlanInput& input) {
  const int number = std::stoi(hint.substr(hint.find_first_of("0123456789")));
  if (hint.starts_with("pp ")) input.layout.pp = number;
  if (hint.starts_with("ep ")) input.layout.ep = number;
  if (hint.ends_with(" sequences")) input.recipe.global_batch = number;
}

// All at once: no hint leads to another refusal.
TEST(PlanErrors, AreGoneWhereTheirHintsAreFollowed) {
  for (const int pp : {3, 15, 60, 100, 1024}) {
    for (const int ep : {3, 48, 100, 512}) {
      for (const int batch : {16, 1000, 15361}) {
        PlanInput input = test::deepseek_v3_input();
        input.layout.pp = pp;
        input.layout.ep = ep;
        input.recipe.global_batch = batch;
        for (const auto& violation : find_violations(input)) follow(violation.hint, input);
        for (const auto& violation : find_violations(input)) {
          EXPECT_EQ(violation.pointer, "/layout")  // memory, which is looked at last
              << pp << ' ' << ep << ' ' << batch << ": " << violation.what << "; " << violation.hint;
        }
      }
    }
  }
}

TEST(PlanErrors, RefuseABatchThatDoesNotDivide) {
  PlanInput input = test::deepseek_v3_input();
  input.recipe.global_batch = 15361;
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.what, "15361 sequences do not divide over 128 replicas x micro-batch 1");
  EXPECT_EQ(violation.hint, "15360 sequences");
}

TEST(PlanErrors, RefuseStagesThatAreNotTheModel) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.stage_layers = {30, 30};
  EXPECT_EQ(pointers(input), (std::vector<std::string>{"/layout/stage_layers", "/layout/stage_layers"}));
}

TEST(PlanErrors, RefuseVirtualStagesThatTheScheduleLacks) {
  PlanInput input = test::deepseek_v3_input();
  input.recipe.global_batch = 128 * 128;
  input.layout.vpp = 2;
  EXPECT_EQ(only_violation(input).pointer, "/layout/vpp");
  EXPECT_EQ(only_violation(input).what, "vpp 2, but dualpipe has one stage per direction on a rank");
  input.layout.schedule = ScheduleKind::zb1p;
  EXPECT_EQ(only_violation(input).what, "vpp 2, but zb1p has one stage on a rank");
  EXPECT_THAT(only_violation(input).hint, HasSubstr("interleaved_1f1b"));
  input.layout.schedule = ScheduleKind::interleaved_1f1b;
  input.layout.vpp = 1;
  EXPECT_EQ(only_violation(input).hint, "vpp 2, or schedule \"1f1b\"");
}

TEST(PlanErrors, RefuseMoreStagesThanLayers) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.schedule = ScheduleKind::interleaved_1f1b;
  input.layout.vpp = 4;  // 64 stages for 61 layers
  input.recipe.global_batch = 128 * 128;
  EXPECT_EQ(only_violation(input).pointer, "/layout/vpp");
  EXPECT_EQ(only_violation(input).hint, "vpp 3");
  input.layout.vpp = 1;
  input.layout.schedule = ScheduleKind::zbv;
  input.layout.pp = 32;
  EXPECT_EQ(pointers(input).front(), "/layout/pp");
}

TEST(PlanErrors, RefuseMicrobatchesThatAreNotInGroupsOfRanks) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.schedule = ScheduleKind::interleaved_1f1b;
  input.layout.vpp = 2;
  EXPECT_THAT(only_violation(input).what, HasSubstr("groups of the 16 pipeline ranks, got 120: 112 or 128"));
  EXPECT_EQ(only_violation(input).hint, "schedule \"1f1b\" with vpp 1, or 14336 sequences");
}

TEST(PlanErrors, RefuseStageLayersOfTheWrongNumberOfStages) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.schedule = ScheduleKind::dualpipev;
  input.layout.stage_layers = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 1};
  EXPECT_THAT(only_violation(input).what, HasSubstr("16 stages, where the schedule has 32"));
}

TEST(PlanErrors, ShowMemoryWithTheNearestChangeThatFits) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.recompute = {Recompute::rms_norm};
  const auto violation = only_violation(input);
  EXPECT_EQ(violation.pointer, "/layout");
  EXPECT_EQ(violation.hint, "fits with recompute mla_up_projection");
  EXPECT_THAT(violation.what, Not(HasSubstr("\n")));
  EXPECT_THAT(violation.what, HasSubstr("the GPU has 79.6 GiB"));
}

TEST(PlanErrors, JoinChangesWhereOneIsNotEnough) {
  PlanInput input = test::deepseek_v3_input();
  input.cluster.gpu_memory = 38_GiB;
  EXPECT_EQ(only_violation(input).hint, "fits with zero 2, ep 128, schedule 1f1b, cp 2");
  input.layout.zero = 2;
  input.layout.ep = 128;
  input.layout.schedule = ScheduleKind::one_f_one_b;
  EXPECT_EQ(find_violations(input).size(), 1U);
  input.layout.cp = 2;
  EXPECT_TRUE(find_violations(input).empty());
}

TEST(PlanErrors, SayWhenNothingFits) {
  PlanInput input = test::deepseek_v3_input();
  input.cluster.gpu_memory = 1_GiB;
  EXPECT_THAT(only_violation(input).hint, HasSubstr("no change of this layout fits"));
}

struct TestScenario : ScenarioHeader {
  RawJson payload;
};

const Spec<TestScenario>& spec_of(const TestScenario*) {
  static const Spec<TestScenario> spec = [] {
    Spec<TestScenario> made("scenario", "Of any kind.");
    add_scenario_head(made, "training");
    made.field("payload", &TestScenario::payload, "of the kind");
    return add_scenario_tail(made);
  }();
  return spec;
}

constexpr const char* kScenario = R"({
  "schema_version": 1, "kind": "training", "model": "deepseek-v3", "cluster": {"base": "h800-2048"},
  "calibration": "h800-sxm", "stack": "deepseek-v3-fp8", "layout": {"pp": 16, "schedule": "dualpipe"},
  "payload": {}, "engine": "replay", "seed": 7})";

TEST(Scenario, OfAnyKindHasTheHeader) {
  const auto scenario = read_spec<TestScenario>(parse_json(kScenario, "scenario.json"), "scenario.json");
  EXPECT_EQ(scenario.model, "deepseek-v3");
  EXPECT_EQ(scenario.layout.pp, 16);
  EXPECT_EQ(scenario.engine, EngineKind::replay);
  EXPECT_EQ(scenario.seed, 7U);
  for (const char* key : {"kind", "model", "calibration", "stack"}) {
    Json document = parse_json(kScenario, "scenario.json");
    document[key] = "";
    EXPECT_THROW(read_spec<TestScenario>(document, "scenario.json"), SpecError) << key;
  }
  Json document = parse_json(kScenario, "scenario.json");
  document["schema_version"] = 2;
  EXPECT_THROW(read_spec<TestScenario>(document, "scenario.json"), SpecError);
}

TEST(Scenario, OfDeepSeekV3HasTheLayoutAndRecipeOfTheseTests) {
  const Json document = read_json_file(find_data("workloads/scenarios/deepseek-v3-pretrain-2048xh800.json"));
  const PlanInput input = test::deepseek_v3_input();
  const auto text_of = [&](auto part, const char* key) {
    return write_spec_text(read_spec<decltype(part)>(document.at(key), "scenario.json"));
  };
  EXPECT_EQ(text_of(Layout(), "layout"), write_spec_text(input.layout));
  EXPECT_EQ(text_of(TrainingRecipe(), "recipe"), write_spec_text(input.recipe));
  EXPECT_EQ(document.at("cluster"), "h800-2048");
}

}  // namespace
}  // namespace moesim
