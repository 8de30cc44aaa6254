#include "sim/training/training_inputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "sim/training/training_run.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::vector<PlanError::Violation> violations_of(const V3Step& step) {
  try {
    static_cast<void>(step.inputs());
  } catch (const PlanError& error) {
    return error.violations;
  }
  return {};
}

std::vector<std::string> pointers_of(const V3Step& step) {
  std::vector<std::string> all;
  for (const auto& violation : violations_of(step)) all.push_back(violation.pointer);
  return all;
}

TEST(TrainingInputs, TheShippedScenarioIsFine) {
  const TrainingInputs inputs = V3Step::shipped().inputs();
  EXPECT_EQ(inputs.plan.num_microbatches(), 120);
  EXPECT_EQ(inputs.tokens(), 4096);
  EXPECT_EQ(inputs.model().name, "deepseek-v3");
}

TEST(TrainingInputs, WhatIsNotModelledIsRefusedTogether) {
  V3Step step = V3Step::shortest();
  step.set("/layout/tp", "2").set("/gpus", "every").set("/layout/zero", "2");
  step.set("/layout/pp", "4").set("/layout/ep", "16").set("/recipe/global_batch", "2048");
  EXPECT_THAT(pointers_of(step), UnorderedElementsAre("/gpus", "/layout/zero"));
  for (const auto& violation : violations_of(step)) {
    EXPECT_THAT(violation.what, HasSubstr("not modelled"));
    EXPECT_THAT(violation.hint, HasSubstr("use "));
  }
}

/// One of 64 ranks holds at most all tokens, 64 times the mean, on one of 8 nodes; loads spread evenly from 2
/// - max to max reach 2.
TEST(TrainingInputs, LoadsThatNoGroupCanHave) {
  V3Step step = V3Step::shortest();
  step.set("/routing/rank_max_over_mean", "65").set("/routing/node_max_over_mean", "9");
  EXPECT_THAT(pointers_of(step), ElementsAre("/routing/rank_max_over_mean", "/routing/node_max_over_mean"));
  V3Step most = V3Step::shortest();
  most.set("/routing/rank_max_over_mean", "3");
  EXPECT_THAT(pointers_of(most), testing::IsEmpty());
  EXPECT_THAT(pointers_of(most.set("/gpus", "every").set("/engine", "replay")),
              ElementsAre("/routing/rank_max_over_mean"));
}

TEST(TrainingInputs, AnOrderWithinPairsThatIsNotModelled) {
  const auto reversed = [](Stack& stack) { std::swap(stack.overlap[0], stack.overlap[1]); };
  EXPECT_THAT(pointers_of(V3Step::shortest().stack(reversed)), ElementsAre("/stack"));
}

/// Where nothing quantises, rows are dispatched in BF16: 14336 B instead of 7392.
TEST(TrainingInputs, Bf16RecipesDispatchInBf16) {
  V3Step step = V3Step::shortest().much_memory();
  step.set("/recipe/precision", "bf16");
  EXPECT_EQ(step.inputs().stack.all_to_all.dispatch_format, NumberFormat::bf16);
}

TEST(TrainingInputs, FewSmsForCommunicationAreWarnedAbout) {
  const auto few = [](Stack& stack) { stack.all_to_all.num_sms = 8; };
  EXPECT_THAT(V3Step::shortest().stack(few).inputs().warnings, Contains(HasSubstr("bandwidth of 20 SMs")));
}

/// What cannot be divided and what is not modelled are violations alike.
TEST(TrainingInputs, EveryKindOfViolationComesAtOnce) {
  const auto found = pointers_of(
      V3Step::shortest().set("/layout/ep", "512").set("/layout/pp", "7").set("/layout/zero", "3"));
  EXPECT_THAT(found, Contains("/layout/ep"));
  EXPECT_THAT(found, Contains("/layout/pp"));
  EXPECT_THAT(found, Contains("/layout/zero"));
}

TEST(TrainingInputs, MoreExpertParallelismThanExperts) {
  const auto found = violations_of(V3Step::shortest().set("/layout/ep", "512"));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].pointer, "/layout/ep");
  EXPECT_THAT(found[0].what, HasSubstr("256 experts"));
  EXPECT_EQ(found[0].hint, "ep 128");  // the most that divides experts and the GPUs of a rank
}

TEST(TrainingInputs, LayoutThatDoesNotDivide) {
  EXPECT_THAT(pointers_of(V3Step::shortest().set("/layout/pp", "12")), Contains("/layout/pp"));
  EXPECT_THAT(pointers_of(V3Step::shortest().set("/recipe/global_batch", "4097")),
              ElementsAre("/recipe/global_batch"));
}

/// DualPipe at PP16 needs 32 micro-batches, 4096 sequences.
TEST(TrainingInputs, FewerMicrobatchesThanTheScheduleNeeds) {
  const auto found = violations_of(V3Step::shortest().set("/recipe/global_batch", "3072"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].pointer, "/recipe/global_batch");
  EXPECT_THAT(found[0].what, HasSubstr("24"));
  EXPECT_THAT(found[0].hint, HasSubstr("1f1b"));
}

/// Without recomputation a GPU of an inner rank no longer holds its activations.
TEST(TrainingInputs, MemoryThatDoesNotFit) {
  const auto found = violations_of(V3Step::shortest().set("/layout/recompute", "[]"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].pointer, "/layout");
  EXPECT_THAT(found[0].what, HasSubstr("GiB"));
  EXPECT_THAT(found[0].hint, HasSubstr("fits with"));
}

TEST(TrainingInputs, MemoryReserveIsTheStacks) {
  EXPECT_EQ(V3Step::shortest().constant("memory_reserve", 4e9).inputs().plan.memory.reserve.value(), 4e9);
  EXPECT_FALSE(violations_of(V3Step::shortest().constant("memory_reserve", 40e9)).empty());
}

struct Policy {
  const char* name;
  void (*change)(Stack& stack);
};
class UnmodelledStack : public testing::TestWithParam<Policy> {};

TEST_P(UnmodelledStack, IsRefused) {
  const auto found = violations_of(V3Step::shortest().stack(GetParam().change));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].pointer, "/stack");
  EXPECT_THAT(found[0].what, HasSubstr("not modelled"));
}

INSTANTIATE_TEST_SUITE_P(
    Policies, UnmodelledStack,
    testing::Values(
        Policy{"LowLatency",
               [](Stack& stack) { stack.all_to_all.backend = AllToAllBackend::deepep_low_latency; }},
        Policy{"Buckets", [](Stack& stack) { stack.data_parallel.num_buckets = 4; }},
        Policy{"OverlappedReduce", [](Stack& stack) { stack.data_parallel.overlap_reduce = true; }},
        Policy{"OverlappedGather", [](Stack& stack) { stack.data_parallel.overlap_gather = true; }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TrainingInputs, Warnings) {
  EXPECT_THAT(V3Step::plain().inputs().warnings, Contains(HasSubstr("routing is balanced")));
  EXPECT_THAT(V3Step::shortest().inputs().warnings, testing::Not(Contains(HasSubstr("routing"))));
  EXPECT_THAT(V3Step::shortest().set("/cluster/gpu", "h200-sxm").inputs().warnings,
              Contains(HasSubstr("h200-sxm")));
}

// Names.

struct Misspelt {
  const char* pointer;
  const char* value;
  const char* nearest;
};
class UnknownName : public testing::TestWithParam<Misspelt> {};

TEST_P(UnknownName, IsAnsweredWithTheNearest) {
  const auto& [pointer, value, nearest] = GetParam();
  const TrainingScenario scenario = V3Step::shortest().set(pointer, value).scenario();
  try {
    load_training(scenario, V3Step::kFile, {});
    FAIL() << "accepted";
  } catch (const LocatedError& error) {
    EXPECT_THAT(std::string(error.what()), HasSubstr(nearest));
  }
}

INSTANTIATE_TEST_SUITE_P(Names, UnknownName,
                         testing::Values(Misspelt{"/model", "deepseek-v4", "deepseek-v3"},
                                         Misspelt{"/cluster", "\"h800-2049\"", "h800-2048"},
                                         Misspelt{"/calibration", "h800-sxn", "h800-sxm"},
                                         Misspelt{"/stack", "deepseek-v3-fp9", "deepseek-v3-fp8"}),
                         [](const auto& info) { return std::string(info.param.pointer + 1); });

/// A folder with copies of everything that the scenario names, under other names.
class Renamed : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("moesim_training_" + std::string(info->name()) + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "parts");
    copy("models/catalog/deepseek-v3.json", "model.json", {{"name", "other-model"}});
    copy("sim/cluster/catalog/h800-2048.json", "cluster.json", {{"name", "another"}, {"gpu", "other-gpu"}});
    copy("calib/profiles/h800-sxm.json", "profile.json", {{"name", "other-gpu"}});
    copy("calib/stacks/deepseek-v3-fp8.json", "stack.json", {{"name", "other-stack"}});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void copy(const char* from, const char* to, const Json& changes) const {
    Json document = read_json_file(find_data(from));
    document.merge_patch(changes);
    std::ofstream(folder_ / "parts" / to) << document.dump();
  }

  /// The scenario as it would stand in the folder.
  [[nodiscard]] static TrainingScenario scenario() {
    return V3Step::shortest()
        .set("/model", "parts/model.json")
        .set("/cluster", "\"parts/cluster.json\"")
        .set("/calibration", "parts/profile.json")
        .set("/stack", "parts/stack.json")
        .scenario();
  }

  std::filesystem::path folder_;
};

/// Names and places never reach the simulation: the same operations at the same times.
TEST_F(Renamed, FilesBesideTheScenarioGiveTheSameStep) {
  const TrainingInputs moved = load_training(scenario(), folder_ / "scenario.json", {});
  EXPECT_EQ(moved.model().name, "other-model");
  EXPECT_EQ(moved.cluster().name, "another");
  EXPECT_EQ(moved.stack.name, "other-stack");
  EXPECT_EQ(moved.profile->name(), "other-gpu");
  EXPECT_EQ(step_seconds(moved, {}), V3Step::shortest().seconds());
  NullSink sink;
  const auto here = replay_step(V3Step::shortest().inputs(), 1, sink);
  const auto there = replay_step(moved, 1, sink);
  EXPECT_EQ(there->result.gpu_end_s, here->result.gpu_end_s);
}

TEST_F(Renamed, PathsAreRelativeToTheScenario) {
  EXPECT_THROW(load_training(scenario(), "elsewhere/scenario.json", {}), LocatedError);
  TrainingScenario absolute = scenario();
  absolute.model = folder_ / "parts/model.json";
  absolute.cluster.text = Json((folder_ / "parts/cluster.json").string()).dump();
  absolute.calibration = folder_ / "parts/profile.json";
  absolute.stack = folder_ / "parts/stack.json";
  EXPECT_EQ(load_training(absolute, "elsewhere/scenario.json", {}).model(),
            load_training(scenario(), folder_ / "scenario.json", {}).model());
}

// The document.

struct Fault {
  const char* name;
  const char* pointer;  ///< where it is set
  const char* value;
  const char* at;  ///< where it is found
};
class BadScenario : public testing::TestWithParam<Fault> {};

TEST_P(BadScenario, SaysWhere) {
  try {
    static_cast<void>(V3Step::shortest().set(GetParam().pointer, GetParam().value).scenario());
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, V3Step::kFile);
    EXPECT_EQ(error.pointer, GetParam().at);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BadScenario,
    testing::Values(
        Fault{"RankLoadBelowOne", "/routing/rank_max_over_mean", "0.9", "/routing/rank_max_over_mean"},
        Fault{"NodeLoadBelowOne", "/routing/node_max_over_mean", "0.5", "/routing/node_max_over_mean"},
        Fault{"BalancedWithALoad", "/routing/mode", "balanced", "/routing/mode"},
        Fault{"UnknownMode", "/routing/mode", "guessed", "/routing/mode"},
        Fault{"UnknownNetwork", "/network/mode", "flows", "/network/mode"},
        Fault{"UnknownDetail", "/gpus", "all", "/gpus"},
        Fault{"UnknownEngine", "/engine", "replays", "/engine"},
        Fault{"NoSequence", "/recipe/sequence_length", "0", "/recipe/sequence_length"},
        Fault{"TextForACount", "/recipe/global_batch", "\"many\"", "/recipe/global_batch"},
        Fault{"NegativeSeed", "/seed", "-1", "/seed"},
        Fault{"OtherVersion", "/schema_version", "2", "/schema_version"},
        Fault{"PublishedWithoutKey", "/published/0/key", "\"\"", "/published/0/key"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(BadScenario, FaultsOfTheClusterAreAtItsKeys) {
  try {
    static_cast<void>(V3Step::shortest().set("/cluster/nic/bandwidth", "400").inputs());
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/cluster/nic/bandwidth");
    EXPECT_THAT(error.hint + error.what_text, HasSubstr("400 Gb/s"));
  }
}

}  // namespace
}  // namespace moesim
