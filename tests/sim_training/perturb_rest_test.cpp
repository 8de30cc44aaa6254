// What the step does when GPUs differ, and when what must not reach a time changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/math.hpp"
#include "sim/training/gpu_spread.hpp"
#include "sim/training/step_costs.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::kComputation;
using test::Replayed;
using test::V3Step;

Json summary_of(const V3Step& step) {
  const TrainingInputs inputs = step.inputs();
  NullSink sink;
  const auto replayed = replay_step(inputs, 1, sink);
  return training_summary(inputs, replayed->step, replayed->result, replay_layer_pair(inputs));
}

/// A rank stands for its 128 GPUs: the fastest of 16 ranks is 1.97 and the slowest 3.40 sigma slow, so that
/// computation takes between 1 + 1.97 sigma and 1 + 3.40 sigma of its time.
TEST(GpuSpeedSigma, IsTheSlowestGpuOfARank) {
  const double even = V3Step::plain().seconds(kComputation);
  for (const double sigma : {0.005, 0.015, 0.02}) {
    const auto slowdowns = representative_slowdowns(16, 128, sigma, 1);
    const double step_s = V3Step::plain().sigma(sigma).seconds(kComputation);
    EXPECT_GT(step_s, even * *std::ranges::min_element(slowdowns));
    EXPECT_LT(step_s, even * *std::ranges::max_element(slowdowns));
    EXPECT_NEAR(*std::ranges::max_element(slowdowns), 1 + 3.397 * sigma, 1e-5);
  }
}

/// The longest path through the step stays the same one, so that each +0.005 costs the same.
TEST(GpuSpeedSigma, IsLinear) {
  const auto at = [](double sigma) { return V3Step::plain().sigma(sigma).seconds(kComputation); };
  EXPECT_NEAR(at(0.025) - at(0.02), at(0.02) - at(0.015), 0.01 * (at(0.02) - at(0.015)));
}

/// Jitter is 0.02 of one operation: over the thousands of a rank it averages out, but where transfers of
/// passes alone wait for the slowest of 64 each of them is 2.344 x 0.02 late. Twice the jitter is twice that.
TEST(OperatorJitter, CostsWhatTheSlowestOf64Add) {
  const auto at = [](double jitter) { return V3Step::plain().jitter(jitter).seconds(kComputation); };
  const double none = at(0);
  EXPECT_NEAR(at(0.02) - none, 2 * (at(0.01) - none), 0.02 * (at(0.02) - none));
  // Nothing costs more than all of the step's computation at the slowest GPU's pace.
  EXPECT_GT(at(0.02), none);
  EXPECT_LT(at(0.02), (1 + expected_max_of_normals(64) * 0.02) * none);
}

/// The draws are a property of the seed; without spread and jitter there is none.
TEST(Seed, MovesOnlyWhatIsRandom) {
  EXPECT_EQ(V3Step::plain().set("/seed", "7").seconds(), V3Step::plain().seconds());
  const double one = V3Step::shortest().seconds(), two = V3Step::shortest().set("/seed", "7").seconds();
  EXPECT_NE(one, two);
  EXPECT_NEAR(two, one, 0.01 * one);
}

/// Keys of a summary that differ.
std::vector<std::string> changed_keys(const V3Step& step) {
  const Json before = summary_of(V3Step::shortest()), after = summary_of(step);
  std::vector<std::string> keys;
  for (const auto& [key, value] : before.items()) {
    if (after.at(key) != value) keys.push_back(key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

TEST(Price, DoubledItDoublesTheCostAlone) {
  const V3Step dear = V3Step::shortest().set("/cluster/gpu_price", "4 $/h");
  EXPECT_EQ(changed_keys(dear), Keys{"cost_usd_per_trillion_tokens"});
  EXPECT_DOUBLE_EQ(summary_of(dear)["cost_usd_per_trillion_tokens"],
                   2 * summary_of(V3Step::shortest())["cost_usd_per_trillion_tokens"].get<double>());
}

/// Joules of a token: 1.2 x watts x step / tokens. 100 W more a node are 256 x 100 W; a tenth more overhead
/// is a tenth of 1.2; a GPU's idle power counts by the time that it does not compute.
TEST(Power, ChangesEnergyAlone) {
  const Json before = summary_of(V3Step::shortest());
  const double token_s = before["step_time_s"].get<double>() / (4096 * 4096.0);
  const auto energy = [](const V3Step& step) { return summary_of(step)["energy_J_per_token"].get<double>(); };
  const auto with = [](const char* key, const char* value) {
    return V3Step::shortest().set(std::string("/cluster/power/") + key, value);
  };
  const double base = before["energy_J_per_token"];
  EXPECT_NEAR(energy(with("node_other", "2.5 kW")) - base, 1.2 * 256 * 100 * token_s, 1e-9);
  EXPECT_NEAR(energy(with("network_port", "42 W")) - base, 1.2 * 2048 * 10 * token_s, 1e-9);
  EXPECT_NEAR(energy(with("pue", "1.32")), 1.1 * base, 1e-9);
  // Idle and peak together move every GPU by 10 W whatever it does.
  const double idle = energy(with("gpu_idle", "95 W")) - base,
               peak = energy(with("gpu_peak", "710 W")) - base;
  EXPECT_NEAR(idle + peak, 1.2 * 2048 * 10 * token_s, 1e-9);
  EXPECT_GT(peak, idle);  // GPUs compute more than half of the time
  for (const char* key : {"node_other", "network_port", "gpu_idle", "gpu_peak"}) {
    EXPECT_EQ(changed_keys(with(key, "600 W")), Keys{"energy_J_per_token"}) << key;
  }
}

TEST(GpuMemory, ChangesNoResult) {
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/cluster/gpu_memory", "100 GiB")), Keys{});
}

TEST(Network, ChangesNoResult) {
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/cluster/network/kind", "rail_optimised")), Keys{});
}

/// What is kept and how is memory.
TEST(MemoryRecipe, ChangesMemoryAlone) {
  const Keys memory{"memory_per_gpu_B"};
  const auto with = [](const char* key, const char* value) {
    return V3Step::shortest().much_memory().set(std::string("/recipe/memory/") + key, value);
  };
  EXPECT_EQ(changed_keys(with("ema", "gpu")), memory);
  EXPECT_EQ(changed_keys(with("expert_inputs", "bf16")), memory);
  EXPECT_EQ(changed_keys(with("swiglu_inputs", "bf16")), memory);
  EXPECT_EQ(changed_keys(with("attention_output", "bf16")), memory);
  EXPECT_EQ(changed_keys(with("expert_rows_over_mean", "1.1")), memory);
}

/// AdamW reads and writes two moments of 4 B instead of 2 B: 8 B more than the stack's 18 B for each
/// parameter of the shard, at 0.8 of 3.35 TB/s.
TEST(Moments, OfFp32AreMoreOptimizerTraffic) {
  const auto work_s = [](const V3Step& step) {
    return Replayed(step.inputs()).cost(Phase::optimizer, PassKind::step_end, -1).work_s;
  };
  const V3Step fp32 = V3Step::plain().much_memory().set("/recipe/memory/moments", "fp32");
  const RankParameters first = rank_parameters(fp32.inputs(), 0);
  EXPECT_NEAR(work_s(fp32) - work_s(V3Step::plain()),
              8 * (first.expert_shard + first.other_shard) / (0.8 * 3.35e12), 1e-9);
}

/// The format that the recipe names goes before the stack's, in time and in memory.
TEST(GradientType, OfTheRecipeGoesFirst) {
  const V3Step named = V3Step::plain().much_memory().set("/recipe/memory/gradients", "bf16");
  const V3Step of_stack =
      V3Step::plain().much_memory().stack([](Stack& stack) { stack.gradient_type = NumberFormat::bf16; });
  EXPECT_EQ(named.inputs().stack.gradient_type, NumberFormat::bf16);
  EXPECT_EQ(of_stack.inputs().recipe().gradients(), StorageFormat::bf16);
  EXPECT_EQ(Replayed(named.inputs()).result.makespan_s, Replayed(of_stack.inputs()).result.makespan_s);
}

/// BF16 main gradients of the stack: half the bytes of the reduce-scatter.
TEST(GradientType, HalvesTheReduceScatter) {
  const V3Step bf16 = V3Step::plain().stack([](Stack& stack) { stack.gradient_type = NumberFormat::bf16; });
  const Replayed before(V3Step::plain().inputs()), after(bf16.inputs());
  const auto inner_s = [](const Replayed& step, Phase phase) {
    return step.result.ranks[5].phase_s[static_cast<std::size_t>(phase)] - 3.7e-6;
  };
  EXPECT_NEAR(inner_s(after, Phase::reduce_scatter), inner_s(before, Phase::reduce_scatter) / 2, 1e-9);
  EXPECT_EQ(inner_s(after, Phase::all_gather), inner_s(before, Phase::all_gather));
}

/// Figures to show beside the result and plus-or-minus of inputs never reach the simulation.
TEST(Annotations, ChangeNoResult) {
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/published", "[]")), Keys{});
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/routing/rank_max_over_mean_uncertainty", "0")), Keys{});
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/cluster/gpu_speed_sigma_uncertainty", "0")), Keys{});
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/cluster/operator_jitter_uncertainty", "0")), Keys{});
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/cluster/nic/efficiency_uncertainty", "0")), Keys{});
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/routing/source", "elsewhere")), Keys{});
  EXPECT_EQ(changed_keys(V3Step::shortest().set("/cluster/name", "another")), Keys{});
}

TEST(Engine, EitherGivesTheSameSummary) {
  const Json replay = summary_of(V3Step::shortest());
  const Json simgrid = summary_of(V3Step::shortest().set("/engine", "simgrid"));
  for (const auto& [key, value] : replay.items()) {
    if (!value.is_number()) continue;
    EXPECT_NEAR(simgrid.at(key).get<double>(), value.get<double>(), 1e-9 * value.get<double>()) << key;
  }
}

}  // namespace
}  // namespace moesim
