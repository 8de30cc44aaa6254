// What must follow when an input of a ready scenario of serving moves.
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

const std::string kFolder = "workloads/scenarios/";

/// The summary of a ready scenario with a merge patch.
Json run(const std::string& name, const std::string& patch = "{}", int threads = 1) {
  const std::string file = kFolder + name + ".json";
  Json scenario = read_json_file(file);
  scenario.merge_patch(Json::parse(patch));
  RunOptions options;
  options.threads = threads;
  NullSink sink;
  return run_scenario(scenario, file, options, sink);
}

double figure(const Json& result, const std::string& pointer) {
  return result["summary"].at(Json::json_pointer(pointer)).get<double>();
}

TEST(ServingKind, RunsAlikeOnOneAndTwoThreads) {
  for (const char* name : {"deepseek-v3-h200-tp8", "deepseek-v3-trace-h800", "qwen3-235b-h200"})
    EXPECT_EQ(write_json(run(name)), write_json(run(name, "{}", 2))) << name;
}

TEST(ServingKind, ASeedChangesWhatIsDrawn) {
  EXPECT_NE(write_json(run("qwen3-235b-h200")["summary"]),
            write_json(run("qwen3-235b-h200", R"({"seed": 2})")["summary"]));
}

// Requests in flight on average are their rate times their stay (Little 1961), up to those that the ends of
// the measured time cut.
TEST(ServingKind, HoldsLittlesLaw) {
  const Json result = run("qwen3-235b-h200");
  const double tokens = figure(result, "/output_tokens_per_s_per_node");
  // Streams decode 8 GPUs wide; each token takes its inter-token time.
  EXPECT_NEAR(figure(result, "/streams_per_decode_gpu") * 8, tokens * figure(result, "/itl_s/mean"),
              0.05 * figure(result, "/streams_per_decode_gpu") * 8);
}

TEST(ServingKind, FewerKvBlocksLowerTheBatch) {
  const char* small =
      R"({"deployment": {"decode": {"kv_tokens": 131072}}, "workload": {"duration": "60 s"}})";
  const char* whole = R"({"workload": {"duration": "60 s"}})";
  // 131,072 tokens hold 32 sequences of 4,096, of which some more are younger.
  const double few = figure(run("deepseek-v3-decode-saturated", small), "/streams_per_decode_gpu");
  EXPECT_LT(few, 40);
  EXPECT_GT(figure(run("deepseek-v3-decode-saturated", whole), "/streams_per_decode_gpu"), 100);
}

TEST(ServingKind, SlowerKernelsLowerTheThroughputOfASaturatedUnit) {
  const auto rate = [](const char* patch) {
    return figure(run("deepseek-v3-prefill-saturated", patch), "/input_tokens_per_s_per_node");
  };
  const double slow = rate(R"({"deployment": {"prefill": {"kernel_slowdown": 1.25}}})");
  // Transfers and the framework's time stay as they are; slower kernels may hide more of the former. Whole
  // iterations are counted, some 60 of them.
  const Json step = run("deepseek-v3-prefill-saturated")["summary"]["step"]["prefill"];
  const double whole = step["step_time_s"];
  const double kept =
      step["parts_s"]["framework"].get<double>() + step["parts_s"]["communication_exposed"].get<double>();
  EXPECT_GT(slow / rate("{}"), 1 / 1.25 - 0.02);
  EXPECT_LT(slow / rate("{}"), whole / (1.25 * (whole - kept) + kept) + 0.03);
}

TEST(ServingKind, CachedPromptsComeSooner) {
  const char* without = R"({"deployment": {"prefill": {"prefix_cache": {"gpu": false, "host": "0 B"}}}})";
  const Json cold = run("deepseek-v3-trace-h800", without);
  const Json warm = run("deepseek-v3-trace-h800");
  EXPECT_EQ(figure(cold, "/prefix_hit_fraction"), 0);
  EXPECT_GT(figure(warm, "/prefix_hit_fraction"), 0.2);
  EXPECT_LT(figure(warm, "/ttft_s/mean"), figure(cold, "/ttft_s/mean"));
}

TEST(ServingKind, DraftsPayUntilTheyAreRejected) {
  const auto rate = [](const std::string& speculation) {
    return figure(run("deepseek-r1-b200-reasoning",
                      R"({"workload": {"concurrency": 1, "requests": 8, "output_tokens": 512,
                          "output_spread": null}, "deployment": {"node": {"speculation": )" +
                          speculation + "}}}"),
                  "/output_tokens_per_s_per_user");
  };
  const double none = rate(R"({"drafts": 0, "acceptance": null})");
  const double two = rate(R"({"drafts": 2, "acceptance": [0.9, 0.6]})");
  EXPECT_GT(two, 1.4 * none);
  EXPECT_LT(rate(R"({"drafts": 5, "acceptance": [0.9, 0.6, 0.2, 0.05, 0.01]})"), two);
}

TEST(ServingKind, LeavesOutWhatAFleetDoesNotDo) {
  const Json prompts = run("deepseek-v3-prefill-saturated")["summary"];
  for (const char* key : {"tpot_s", "itl_s", "output_tokens_per_s_per_node", "accepted_length_mean",
                          "cost_usd_per_million_output_tokens", "slo_attainment_fraction"})
    EXPECT_FALSE(prompts.contains(key)) << key;
  EXPECT_GT(prompts["cost_usd_per_million_input_tokens"], 0);
  EXPECT_GT(prompts["energy_J_per_input_token"], 0);
  const Json decode = run("deepseek-v3-decode-saturated", R"({"workload": {"duration": "60 s"}})")["summary"];
  for (const char* key : {"ttft_s", "input_tokens_per_s_per_node", "prefix_hit_fraction"})
    EXPECT_FALSE(decode.contains(key)) << key;
  EXPECT_GT(decode["cost_usd_per_million_output_tokens"], 0);
}

TEST(ServingKind, GoesOnFromTheStepToTheTimeBetweenTokens) {
  const Json step = run("deepseek-v3-h200-tp8")["summary"]["step"]["node"];
  EXPECT_GT(step["with_prompts"]["step_time_s"], step["step_time_s"]);
  EXPECT_GT(step["with_prompts"]["iterations_fraction"], 0);
}

TEST(ServingKind, WarnsWhereEveryRequestIsRejected) {
  for (const char* length : {R"("duration": "20 s")", R"("requests": 20)"}) {
    const Json result =
        run("deepseek-v3-h200-tp8", std::string(R"({"deployment": {"node": {"kv_tokens": 1024}},
        "workload": {"input_tokens": 4096, )") +
                                        length + "}}");
    const auto rejected = result["summary"]["requests_rejected"].get<std::int64_t>();
    EXPECT_GE(rejected, 20);
    const std::string said =
        std::to_string(rejected) + " of " + std::to_string(rejected) + " requests rejected";
    EXPECT_TRUE(std::ranges::any_of(result["warnings"], [&](const Json& warning) {
      return warning.get<std::string>().starts_with(said);
    })) << result["warnings"];
  }
}

TEST(ServingKind, SaysWhatItRefuses) {
  EXPECT_THROW(run("deepseek-v3-h200-tp8", R"({"stack": "megatron-core-nccl"})"), std::exception);
  EXPECT_THROW(run("deepseek-v3-h200-tp8", R"({"cluster": "h100-128"})"), PlanError);
}

}  // namespace
}  // namespace moesim
