#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

Json summary_of(const V3Step& step, int threads = 1) {
  const TrainingInputs inputs = step.inputs();
  NullSink sink;
  const auto replayed = replay_step(inputs, threads, sink);
  return training_summary(inputs, replayed->step, replayed->result, replay_layer_pair(inputs));
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(Summary, HasItsKeysInOrder) {
  const Json summary = summary_of(V3Step::shortest());
  EXPECT_EQ(keys_of(summary), (std::vector<std::string>{"step_time_s",
                                                        "tokens_per_step",
                                                        "tokens_per_s",
                                                        "tokens_per_s_per_gpu",
                                                        "tokens_per_day",
                                                        "tflops_per_gpu_causal",
                                                        "tflops_per_gpu_noncausal",
                                                        "mfu_causal",
                                                        "mfu_noncausal",
                                                        "gpu_hours_per_trillion_tokens",
                                                        "phases_s",
                                                        "phases_mean_s",
                                                        "bubble_fraction",
                                                        "bubble_fraction_mean",
                                                        "exposed_communication_fraction",
                                                        "layer_pair_s",
                                                        "memory_per_gpu_B",
                                                        "expert_load",
                                                        "energy_J_per_token",
                                                        "cost_usd_per_trillion_tokens"}));
  const std::vector<std::string> phases{"forward",          "backward", "weight",
                                        "forward_backward", "bubble",   "optimizer"};
  EXPECT_EQ(keys_of(summary["phases_s"]), phases);
  EXPECT_EQ(keys_of(summary["phases_mean_s"]), phases);
  EXPECT_EQ(keys_of(summary["memory_per_gpu_B"]), (std::vector<std::string>{"max", "by_stage"}));
  EXPECT_EQ(summary["expert_load"]["max_over_mean"], 1.2);
  EXPECT_EQ(summary["expert_load"]["node_max_over_mean"], 1.04);
}

TEST(Summary, PhasesAddUpToTheStep) {
  for (const V3Step& step : {V3Step::shipped(), V3Step::plain()}) {
    const Json summary = summary_of(step);
    const double step_s = summary["step_time_s"];
    for (const char* key : {"phases_s", "phases_mean_s"}) {
      double sum = 0;
      for (const auto& [phase, seconds] : summary[key].items()) {
        EXPECT_GT(seconds, 0) << phase;
        sum += seconds.get<double>();
      }
      EXPECT_NEAR(sum, step_s, 1e-9 * step_s) << key;
    }
    EXPECT_DOUBLE_EQ(summary["bubble_fraction"], summary["phases_s"]["bubble"].get<double>() / step_s);
    EXPECT_DOUBLE_EQ(summary["bubble_fraction_mean"],
                     summary["phases_mean_s"]["bubble"].get<double>() / step_s);
  }
}

/// 15,360 x 4,096 tokens on 2048 GPUs; 250.45 and 281.15 GFLOP a token (hand-worked in docs/metrics.md), over
/// the BF16 peak of 989.4 TFLOP/s; 2 $ a GPU-hour.
TEST(Summary, RatesAgreeWithEachOther) {
  const Json summary = summary_of(V3Step::shipped());
  const double step_s = summary["step_time_s"];
  EXPECT_EQ(summary["tokens_per_step"], 15360 * 4096);
  const double per_gpu = 15360 * 4096.0 / step_s / 2048;
  EXPECT_NEAR(summary["tokens_per_s"], 2048 * per_gpu, 1e-3);
  EXPECT_NEAR(summary["tokens_per_s_per_gpu"], per_gpu, 1e-6);
  EXPECT_NEAR(summary["tokens_per_day"], 2048 * per_gpu * 86400, 1e2);
  EXPECT_NEAR(summary["gpu_hours_per_trillion_tokens"], 1e12 / per_gpu / 3600, 1e-3);
  EXPECT_NEAR(summary["cost_usd_per_trillion_tokens"], 2 * 1e12 / per_gpu / 3600, 1e-3);
  EXPECT_NEAR(summary["tflops_per_gpu_causal"], 250.45e-3 * per_gpu, 0.01);
  EXPECT_NEAR(summary["tflops_per_gpu_noncausal"], 281.15e-3 * per_gpu, 0.01);
  EXPECT_NEAR(summary["mfu_causal"], 250.45e9 * per_gpu / 989.4e12, 1e-5);
  EXPECT_NEAR(summary["mfu_noncausal"], 281.15e9 * per_gpu / 989.4e12, 1e-5);
}

/// GPUs between 85 and 700 W by the share of time that they compute, 32 W a port, 2.4 kW a node, x 1.2.
TEST(Summary, EnergyOfAToken) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  NullSink sink;
  const auto replayed = replay_step(inputs, 1, sink);
  const double step_s = replayed->result.makespan_s;
  double busy = 0;
  for (const RankTimes& rank : replayed->result.ranks) {
    busy += rank.busy_s[static_cast<std::size_t>(Lane::computation)] / step_s / 16;
  }
  const double watts = 2048 * (85 + 615 * busy + 32) + 256 * 2400;
  const Json summary = training_summary(inputs, replayed->step, replayed->result, std::nullopt);
  EXPECT_NEAR(summary["energy_J_per_token"], 1.2 * watts * step_s / (4096 * 4096.0), 1e-9);
  EXPECT_FALSE(summary.contains("layer_pair_s"));
}

TEST(Summary, MemoryIsThePlans) {
  const V3Step step = V3Step::shortest();
  const MemoryPlan memory = step.inputs().plan.memory;
  const Json json = summary_of(step)["memory_per_gpu_B"];
  EXPECT_EQ(json["max"], memory.peak().value());
  EXPECT_EQ(json["by_stage"].size(), 16u);
  EXPECT_EQ(json["by_stage"][5], memory.ranks[5].total().value());
}

/// One overlapped layer: its transfers are the sum of the four, and the layer is no shorter than what the
/// computation lane does in it.
TEST(Summary, LayerPair) {
  const Json pair = summary_of(V3Step::plain())["layer_pair_s"];
  const auto sum_of = [&](const std::vector<const char*>& phases) {
    double sum = 0;
    for (const char* phase : phases) sum += pair[phase].get<double>();
    return sum;
  };
  EXPECT_NEAR(pair["transfers"],
              sum_of({"dispatch_forward", "combine_forward", "combine_backward", "dispatch_backward"}),
              1e-12);
  EXPECT_GE(pair["total"].get<double>() + 1e-12,
            sum_of({"attention_forward", "mlp_forward", "mlp_backward", "mlp_weight", "attention_backward",
                    "attention_weight"}));
}

/// The same bytes twice in a row on representatives, and with one and two threads where every GPU is
/// simulated, a column in each.
TEST(Summary, BytesAreTheSameForEveryRunAndThread) {
  const V3Step representatives = V3Step::shortest();
  EXPECT_EQ(write_json(summary_of(representatives)), write_json(summary_of(representatives)));
  const V3Step all = V3Step::shortest().set("/gpus", "every");
  EXPECT_EQ(write_json(summary_of(all, 1)), write_json(summary_of(all, 2)));
}

TEST(Provenance, SharesAddUpToOne) {
  for (const V3Step& step : {V3Step::shortest(), V3Step::plain().exclude("deepseek-profile-data")}) {
    const TrainingInputs inputs = step.inputs();
    NullSink sink;
    const auto replayed = replay_step(inputs, 1, sink);
    const Json shares = provenance_json(replayed->step, replayed->input);
    EXPECT_EQ(keys_of(shares), (std::vector<std::string>{"measured", "published", "derived", "assumed"}));
    double sum = 0;
    for (const auto& [origin, share] : shares.items()) sum += share.get<double>();
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_EQ(shares["measured"], 0);  // the profile holds published figures
    EXPECT_GT(shares["published"], 0.3);
  }
}

TEST(Provenance, OfAStepWithoutTime) {
  StepGraph step;
  step.graph.programs.resize(1);
  EngineInput input;
  input.gpus.resize(1);
  const Json shares = provenance_json(step, input);
  for (const auto& [origin, share] : shares.items()) EXPECT_EQ(share, 0) << origin;
}

}  // namespace
}  // namespace moesim
