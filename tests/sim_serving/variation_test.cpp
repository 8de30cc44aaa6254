#include "sim/serving/variation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/serving/serving_run.hpp"
#include "sim/serving/serving_summary.hpp"

namespace moesim {
namespace {

/// A colocated node under a load of its own, quick to play.
std::unique_ptr<ServingInputs> node(const std::string& patch = "{}") {
  const std::string file = "workloads/scenarios/deepseek-v3-h200-tp8.json";
  Json scenario = read_json_file(file);
  scenario.merge_patch(Json::parse(
      R"({"workload": {"concurrency": 4, "requests": 12, "input_tokens": 512, "output_tokens": 32}})"));
  scenario.merge_patch(Json::parse(patch));
  return load_serving(read_spec<ServingScenario>(scenario, file), file);
}

Json summary_of(const ServingInputs& inputs) {
  NullSink records;
  return serving_summary(inputs, run_serving(inputs, {}, nullptr, records));
}

std::size_t index_of(const std::vector<VariedInput>& inputs, const std::string& name) {
  const auto found = std::ranges::find(inputs, name, &VariedInput::name);
  EXPECT_NE(found, inputs.end()) << name;
  return static_cast<std::size_t>(found - inputs.begin());
}

TEST(ServingVariation, HoldsEachNameOnceWithinItsEnds) {
  const auto inputs = varied_inputs(*node());
  for (const VariedInput& input : inputs) {
    EXPECT_LE(input.low, input.value) << input.name;
    EXPECT_LE(input.value, input.high) << input.name;
    EXPECT_EQ(std::ranges::count(inputs, input.name, &VariedInput::name), 1) << input.name;
  }
  const VariedInput& overhead = inputs[index_of(inputs, "request_overhead")];
  EXPECT_TRUE(overhead.stated);
  EXPECT_LT(overhead.low, overhead.high);
  EXPECT_FALSE(inputs[index_of(inputs, "deployment.node.kernel_slowdown")].stated);
}

TEST(ServingVariation, NothingChangedGivesTheSameSummary) {
  const auto inputs = node();
  EXPECT_EQ(summary_of(*with_values(*inputs, {})), summary_of(*inputs));
}

// What the user waits for besides the unit is added to the time of the first token, and the unit does not
// know of it but for requests of a closed loop, which come that much later.
TEST(ServingVariation, ARequestsOverheadMovesTheFirstToken) {
  const auto inputs = node();
  const std::size_t index = index_of(varied_inputs(*inputs), "request_overhead");
  const double stated = varied_inputs(*inputs)[index].value;
  const auto ttft = [&](double value) {
    return summary_of(*with_values(*inputs, {{index, value}}))["ttft_s"]["mean"].get<double>();
  };
  EXPECT_NEAR(ttft(stated + 1) - ttft(stated), 1, 0.05);
}

TEST(ServingVariation, SlowerMemoryAndSlowerKernelsTakeLongerPerToken) {
  const auto inputs = node();
  const auto varied = varied_inputs(*inputs);
  const double before = summary_of(*inputs)["tpot_s"]["mean"];
  const std::size_t hbm = index_of(varied, "gpu.hbm_bandwidth");
  EXPECT_GT(summary_of(*with_values(*inputs, {{hbm, 0.9 * varied[hbm].value}}))["tpot_s"]["mean"], before);
  const std::size_t slowdown = index_of(varied, "deployment.node.kernel_slowdown");
  const double slower = summary_of(*with_values(*inputs, {{slowdown, 1.1}}))["tpot_s"]["mean"];
  EXPECT_GT(slower, 1.03 * before);
  EXPECT_LT(slower, 1.1 * before);
}

TEST(ServingVariation, MemoryFollowsItsShare) {
  const auto inputs = node();
  const auto varied = varied_inputs(*inputs);
  const auto found = std::ranges::find(varied, "memory_fraction", &VariedInput::name);
  if (found == varied.end()) GTEST_SKIP() << "the stack states no share";
  const auto index = static_cast<std::size_t>(found - varied.begin());
  const auto less = with_values(*inputs, {{index, found->value - 0.1}});
  const double capacity = inputs->pools[0]->memory.capacity_bytes;
  EXPECT_NEAR(inputs->pools[0]->memory.kv_bytes - less->pools[0]->memory.kv_bytes, 0.1 * capacity,
              1e-6 * capacity);
}

}  // namespace
}  // namespace moesim
