#include "sim/serving/step/overlapped_costs.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "sim/serving/step/wide_tables.hpp"
#include "sim/serving/step/wide_unit.hpp"
#include "tests/sim_serving_step/unit_fixture.hpp"

namespace moesim {
namespace {

using test::Unit;

/// DeepSeek-V3 with experts over all GPUs of whole nodes with one 400 Gb/s NIC per GPU.
Unit wide(int gpus, const std::string& profile = "h100-sxm", const std::string& stack = "sglang-wideep",
          int redundant = 32) {
  Unit unit("deepseek-v3", {gpus, 1, gpus, redundant}, profile, stack);
  unit.cluster.num_nodes = gpus / 8;
  unit.cluster.nvlink.bandwidth = unit.profile.link_bandwidth("nvlink_usable");
  unit.cluster.nic.bandwidth = BytesPerSecond(50e9);
  return unit;
}

ExpertState skewed(double gpu, double node, double slots, double slot) {
  return {gpu, node, slots, slot};
}

double decode_seconds(const Unit& unit, double per_gpu, double kv, const ExpertState& state = {}) {
  return unit.costs()->exact(unit.decode(per_gpu * unit.pool.layout.gpus, kv), state).total();
}

/// DeepSeek's production: 20 to 22 tokens/s per user at about 88 sequences per GPU and 4,989 cached tokens.
/// With EPLB the fullest GPU has about 1.15 of the mean and KV caches differ by 1.1 between ranks (assumed).
TEST(WideDecode, GivesTheProductionStepOfDeepSeek) {
  const Unit unit = wide(144, "h800-sxm", "deepseek-v3-fp8");
  StepBatch batch = unit.decode(88 * 144, 4989);
  batch.kv_tokens_max *= 1.1;
  EXPECT_NEAR(unit.costs()->exact(batch, skewed(1.15, 1.05, 2, 1.2)).total(), 47.6e-3, 0.12 * 47.6e-3);
}

TEST(WideDecode, LosesByOverlapAtSmallBatchesAndGainsAtLarge) {
  const Unit two = wide(72);
  Unit one = wide(72);
  one.pool.two_micro_batches = false;
  EXPECT_GT(decode_seconds(two, 4, 2000), 1.2 * decode_seconds(one, 4, 2000));
  EXPECT_LT(decode_seconds(two, 256, 2000), 0.85 * decode_seconds(one, 256, 2000));
  // One crossing: the gain grows with the batch.
  double last = 10;
  for (const double batch : {4, 16, 64, 128, 256}) {
    const double ratio = decode_seconds(two, batch, 2000) / decode_seconds(one, batch, 2000);
    EXPECT_LT(ratio, last) << batch;
    last = ratio;
  }
  // A single sequence per GPU cannot be divided.
  EXPECT_EQ(decode_seconds(two, 1, 2000), decode_seconds(one, 1, 2000));
}

TEST(WideDecode, ReadsWeightsOncePerMicroBatch) {
  const Unit two = wide(72);
  Unit one = wide(72);
  one.pool.two_micro_batches = false;
  const StepBatch batch = two.decode(2 * 72, 64);
  const double more = two.costs()->exact(batch, {}).hbm_bytes - one.costs()->exact(batch, {}).hbm_bytes;
  // In 58 layers: attention of 187.1 M parameters (FP8, the two absorbed ones of 8.4 M in BF16) and shared
  // experts of 44 M, gate 3.7 MB; routed experts once more as far as the halves touch the same.
  EXPECT_GT(more, 58 * 230e6);
  EXPECT_LT(more, 58 * (260e6 + 4 * 45e6));
}

TEST(WideTransfers, AreAnchoredAtThePublishedLowLatencyPoints) {
  for (const auto& [gpus, dispatch, combine] : {std::tuple{64, 173.0, 314.0}, {128, 192.0, 369.0}}) {
    const Unit unit = wide(gpus, "h800-sxm", "deepseek-v3-fp8", 0);
    const WideTransfers transfers(unit.input(), wide_unit(unit.input()));
    EXPECT_NEAR(transfers.low_latency({128}, false).seconds, dispatch * 1e-6, 1e-9);
    EXPECT_NEAR(transfers.low_latency({128}, true).seconds, combine * 1e-6, 1e-9);
  }
  // Between them EP72 and EP144 by the logarithm of the size.
  const auto combine = [](int gpus) {
    const Unit unit = wide(gpus, "h800-sxm", "deepseek-v3-fp8");
    return WideTransfers(unit.input(), wide_unit(unit.input())).low_latency({128}, true).seconds * 1e6;
  };
  EXPECT_NEAR(combine(72), 314 * std::pow(369.0 / 314, std::log2(72.0 / 64)), 0.01);
  EXPECT_NEAR(combine(144), 369 * std::pow(360.0 / 369, std::log2(144.0 / 128)), 0.01);
}

TEST(WideTransfers, CrossTheNicOncePerNodeWithinTheLimitOfGroups) {
  // 4 of 8 groups on 4 nodes of two groups: 1 - C(6,4)/C(8,4) of the nodes, three of four of them elsewhere.
  const WideUnit four = wide_unit(wide(32).input());
  EXPECT_NEAR(four.nodes_per_token, 4 * (1 - 15.0 / 70), 1e-12);
  EXPECT_NEAR(four.remote_nodes, 3 * (1 - 15.0 / 70), 1e-12);
  // Fewer than without a limit, 3.61.
  EXPECT_LT(four.nodes_per_token, distinct_groups(4, 8));
  EXPECT_NEAR(wide_unit(wide(8).input()).remote_nodes, 0, 1e-12);
}

TEST(WidePrefill, IsSlowerThanTheLongerOfIsolatedComputationAndTransfers) {
  const Unit unit = wide(32, "h800-sxm", "deepseek-v3-fp8");
  const StepBatch batch = unit.prompts(4 * 32, 4096);
  Unit one = wide(32, "h800-sxm", "deepseek-v3-fp8");
  one.pool.two_micro_batches = false;
  const StepTime time = unit.costs()->exact(batch, {}), alone = one.costs()->exact(batch, {});
  const double computation = alone.attention + alone.dense + alone.experts;
  EXPECT_GT(time.total(), 1.25 * computation);
  EXPECT_LT(time.total(), alone.total());
}

/// More of anything, and slower links, never make an iteration shorter.
TEST(WideCosts, AreMonotone) {
  const Unit decode = wide(72), prefill = wide(32);
  const auto costs = decode.costs(), prompt_costs = prefill.costs();
  const ExpertState even = skewed(1, 1, 4, 1);
  double last = 0;
  for (double batch = 32; batch <= 512; batch *= 2) {
    const double now = costs->exact(decode.decode(batch * 72, 2000), even).total();
    EXPECT_GE(now, last) << batch;
    last = now;
  }
  last = 0;
  for (double kv = 500; kv < 20000; kv *= 2) {
    const double now = costs->exact(decode.decode(128 * 72, kv), even).total();
    EXPECT_GE(now, last) << kv;
    last = now;
  }
  last = 0;
  for (double ratio = 1; ratio < 4; ratio += 0.5) {
    const double now = costs->exact(decode.decode(128 * 72, 2000), skewed(ratio, 1, 4, 1.2)).total();
    EXPECT_GE(now, last) << ratio;
    last = now;
    const double prompt = prompt_costs->exact(prefill.prompts(8 * 32, 2048), skewed(ratio, 1, 9, 1)).total();
    EXPECT_GE(prompt, prompt_costs->exact(prefill.prompts(8 * 32, 2048), {}).total() * (1 - 1e-9));
  }
}

TEST(WideCosts, ExposeMoreCommunicationOnSlowerLinks) {
  const Unit usual = wide(72);
  Unit half = wide(72);
  half.cluster.nic.bandwidth = half.cluster.nic.bandwidth * 0.5;
  Unit faster = wide(72);
  faster.cluster.nic.bandwidth = faster.cluster.nic.bandwidth * 2.0;
  faster.cluster.nvlink.bandwidth = faster.cluster.nvlink.bandwidth * 2.0;
  const StepBatch batch = usual.decode(256 * 72, 2000);
  const StepTime time = usual.costs()->exact(batch, {});
  EXPECT_GT(half.costs()->exact(batch, {}).communication, 1.5 * time.communication);
  EXPECT_LT(faster.costs()->exact(batch, {}).total(), time.total());
  const Unit prefill = wide(32);
  Unit slow = wide(32);
  slow.cluster.nic.bandwidth = slow.cluster.nic.bandwidth * 0.5;
  const StepBatch prompts = prefill.prompts(8 * 32, 2048);
  EXPECT_GT(slow.costs()->exact(prompts, {}).communication,
            prefill.costs()->exact(prompts, {}).communication);
}

TEST(WideCosts, DraftsCostQueriesExpertsAndLayers) {
  Unit unit = wide(16, "h200-sxm", "sglang-wideep", 0);
  const double without = unit.costs()->exact(unit.decode(32 * 16, 4000), {}).total();
  double last = without;
  for (int drafts = 1; drafts <= 4; ++drafts) {
    unit.pool.speculation.drafts = drafts;
    const StepTime time = unit.costs()->exact(unit.decode(32 * 16, 4000), {});
    EXPECT_GT(time.total(), last) << drafts;
    EXPECT_GT(time.drafts, 0);
    last = time.total();
  }
  EXPECT_LT(last, 5 * without);
}

TEST(WideCosts, TablesAreWithinOnePercentOfKernels) {
  Unit decode = wide(72), prefill = wide(32);
  decode.pool.speculation.drafts = 2;
  const auto costs = decode.costs(), prompt_costs = prefill.costs();
  RandomStream random(7, 1, 0);
  const auto between = [&](double low, double high) { return low * std::pow(high / low, random.uniform()); };
  for (int i = 0; i < 60; ++i) {
    StepBatch batch = decode.decode(std::floor(between(1, 300) * 72), between(64, 30000));
    batch.query_tokens = 1 + i % 3;
    batch.sequences_max *= between(1, 1.3);
    batch.kv_tokens_max *= between(1, 1.5);
    const ExpertState state = skewed(between(1, 3), between(1, 1.4), between(1, 4), between(1, 4));
    const double exact = costs->exact(batch, state).total();
    EXPECT_NEAR(costs->step(batch, state).total() / exact, 1, 0.01) << i;
  }
  for (int i = 0; i < 40; ++i) {
    const double length = std::floor(between(64, 8192)),
                 past = i % 2 == 0 ? 0 : std::floor(between(64, 30000));
    StepBatch batch = prefill.prompts(std::ceil(between(1000, 16384) / length) * 32, length, past);
    batch.prompt_tokens_max *= between(1, 1.2);
    batch.prompt_pairs_max *= between(1, 1.3);
    const ExpertState state = skewed(between(1, 3), between(1, 1.4), 9, between(1, 4));
    const double exact = prompt_costs->exact(batch, state).total();
    EXPECT_NEAR(prompt_costs->step(batch, state).total() / exact, 1, 0.01)
        << i << " " << length << " " << past;
  }
}

TEST(WideCosts, AreAccountedInFull) {
  for (const bool prompt : {false, true}) {
    const Unit unit = wide(32);
    const StepBatch batch = prompt ? unit.prompts(4 * 32, 2048) : unit.decode(64 * 32, 2000);
    const ExpertState state = skewed(1.3, 1.1, 9, 2);
    ProvenanceAccount account;
    account_step(unit.input(), batch, state, 2, account);
    EXPECT_NEAR(account.total_seconds(), 2 * unit.costs()->exact(batch, state).total(), 1e-9);
  }
}

TEST(WideCosts, RefuseWhatIsNotModelled) {
  Unit part = wide(16, "h200-sxm", "sglang-wideep", 0);
  part.pool.layout.ep = 8;
  EXPECT_THROW((void)part.costs(), PlanError);
  Unit dense("llama-3.1-70b", {8, 8, 1, 0}, "h200-sxm", "sglang-wideep");
  EXPECT_THROW((void)dense.costs(), PlanError);
}

}  // namespace
}  // namespace moesim
