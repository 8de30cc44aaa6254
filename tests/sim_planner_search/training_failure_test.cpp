// What a search among layouts says where no layout holds its limits.
#include "sim/planner/search/training_failure.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/sim_planner_search/training_spaces.hpp"

namespace moesim {
namespace {

TrainingCandidate layout(std::uint64_t index, std::vector<double> misses) {
  TrainingCandidate candidate;
  candidate.index = index;
  candidate.state = LayoutState::evaluated;
  candidate.misses = std::move(misses);
  return candidate;
}

TrainingCandidate large(std::uint64_t index, const std::string& limit, double excess_B) {
  TrainingCandidate candidate;
  candidate.index = index;
  candidate.state = LayoutState::memory;
  candidate.reason = limit;
  candidate.excess_B = excess_B;
  return candidate;
}

/// DeepSeek-V3 with four values of expert parallelism, on a step that is short and has much exposed.
struct FourLayouts {
  FourLayouts() {
    named.search.axes = {{"/layout/ep", {64, 128, 32, 16}}};
    for (const char* text : {"step<=20s", "exposed>=0.08", "memory<=40GiB"})
      named.search.limits.push_back(read_limit(text, training_limit_names(), ""));
  }
  [[nodiscard]] SpecError fault(const std::vector<TrainingCandidate>& candidates) const {
    const TrainingSpace space(write_spec(read_spec<TrainingScenario>(named.scenario, named.file)), named.file,
                              named.search.axes, {});
    return no_layout_holds(space, named.search, candidates);
  }
  tests::LayoutSpace named = tests::shipped_space("deepseek-v3-pretrain-2048xh800");
};

TEST(TrainingFailure, LimitsThatOnlyTogetherEmptyTheSpace) {
  const SpecError fault = FourLayouts().fault({layout(0, {0, 0.3, 0}), layout(1, {0.0005, 0, 0}),
                                               large(2, "", 0x1p30), large(3, "memory<=40GiB", 0x1p31)});
  EXPECT_EQ(
      fault.what_text,
      "no layout holds the constraints: step<=20s is missed by 1 of 2, exposed>=0.08 is missed by 1 of "
      "2, 1 more too large for memory, 1 more too large for memory<=40GiB; the nearest misses step<=20s "
      "by 0.05 %");
  EXPECT_EQ(fault.hint, "the nearest: /layout/ep=128; allow more, or vary other values");
}

/// The worst miss of a layout counts, not its least.
TEST(TrainingFailure, TheNearestHasTheSmallestWorstMiss) {
  const SpecError fault = FourLayouts().fault({layout(0, {0.01, 0.5, 0}), layout(1, {0.2, 0.1, 0})});
  EXPECT_EQ(fault.what_text,
            "no layout holds the constraints: step<=20s is missed by 2 of 2, exposed>=0.08 is missed by 2 of "
            "2; the nearest misses step<=20s by 20 %");
}

TEST(TrainingFailure, MemoryAloneNamesTheLimitThatAGpuWouldHold) {
  const SpecError fault = FourLayouts().fault({large(0, "memory<=40GiB", 0x1p30), large(1, "", 0x1p31)});
  EXPECT_EQ(fault.pointer, "/layout");
  EXPECT_EQ(
      fault.what_text,
      "memory empties the space: none of 2 layouts fits (1 of them within a GPU but not memory<=40GiB); "
      "the nearest lacks 1.00 GiB");
}

// The same from a search: the limit on memory alone empties it, and the scenario's own layout fits its GPU.
TEST(TrainingFailure, ASearchNamesTheLimitOnMemory) {
  FourLayouts four;
  four.named.search.axes = {{"/layout/ep", {64, 128}}};
  try {
    search_training(four.named.scenario, four.named.file, four.named.search);
    FAIL() << "no fault";
  } catch (const SpecError& fault) {
    EXPECT_NE(fault.what_text.find("(2 of them within a GPU but not memory<=40GiB)"), std::string::npos)
        << fault.what_text;
  }
}

}  // namespace
}  // namespace moesim
