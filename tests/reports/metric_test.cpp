#include "reports/metric.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

struct UnitCase {
  const char* key;
  MetricUnit unit;
};

class UnitOfKey : public testing::TestWithParam<UnitCase> {};

TEST_P(UnitOfKey, IsNamedByTheKey) {
  EXPECT_EQ(unit_of_key(GetParam().key), GetParam().unit) << GetParam().key;
}

// The keys of a summary as docs/metrics.md lists them.
INSTANTIATE_TEST_SUITE_P(Summary, UnitOfKey,
                         testing::Values(UnitCase{"step_time_s", MetricUnit::seconds},
                                         UnitCase{"tokens_per_step", MetricUnit::count},
                                         UnitCase{"tokens_per_s", MetricUnit::count},
                                         UnitCase{"tokens_per_s_per_gpu", MetricUnit::count},
                                         UnitCase{"tflops_per_gpu_causal", MetricUnit::teraflops},
                                         UnitCase{"mfu_noncausal", MetricUnit::fraction},
                                         UnitCase{"gpu_hours_per_trillion_tokens", MetricUnit::gpu_hours},
                                         UnitCase{"phases_s.forward_backward", MetricUnit::seconds},
                                         UnitCase{"bubble_fraction_mean", MetricUnit::fraction},
                                         UnitCase{"layer_pair_s.attention_forward", MetricUnit::seconds},
                                         UnitCase{"memory_per_gpu_B.by_stage.3", MetricUnit::bytes},
                                         UnitCase{"memory_per_gpu_B.by_stage.3.stage", MetricUnit::count},
                                         UnitCase{"expert_load.max_over_mean", MetricUnit::count},
                                         UnitCase{"energy_J_per_token", MetricUnit::joules},
                                         UnitCase{"cost_usd_per_trillion_tokens", MetricUnit::dollars},
                                         UnitCase{"nic_B_per_s", MetricUnit::bytes_per_second}));

TEST(MetricText, ScalesToReadableUnits) {
  EXPECT_EQ(metric_text(17.3096, MetricUnit::seconds), "17.31 s");
  EXPECT_EQ(metric_text(0.03225, MetricUnit::seconds), "32.25 ms");
  EXPECT_EQ(metric_text(5e-9, MetricUnit::seconds), "5 ns");
  EXPECT_EQ(metric_text(0, MetricUnit::seconds), "0 s");
  EXPECT_EQ(metric_text(712'800, MetricUnit::seconds), "198 h");
  EXPECT_EQ(metric_text(74.9e9, MetricUnit::bytes), "74.9 GB");
  EXPECT_EQ(metric_text(0.3624, MetricUnit::fraction), "36.2 %");
  EXPECT_EQ(metric_text(0.0004, MetricUnit::fraction), "0.04 %");
  EXPECT_EQ(metric_text(180'000, MetricUnit::gpu_hours), "180 K GPU-hours");
  EXPECT_EQ(metric_text(12, MetricUnit::gpu_hours), "12 GPU-hours");
  EXPECT_EQ(metric_text(62'914'560, MetricUnit::count), "62.91 M");
  EXPECT_EQ(metric_text(15'360, MetricUnit::count), "15360");
  EXPECT_EQ(metric_text(1.2, MetricUnit::count), "1.2");
  EXPECT_EQ(metric_text(356'000, MetricUnit::dollars), "$356 K");
  EXPECT_EQ(metric_text(0.004, MetricUnit::joules), "4 mJ");
  // Rounding to four digits never leaves 1000 of a smaller unit.
  EXPECT_EQ(metric_text(0.99999, MetricUnit::seconds), "1 s");
  EXPECT_EQ(metric_text(-0.002, MetricUnit::seconds), "-2 ms");
}

TEST(MetricLabel, SpellsKeysOut) {
  EXPECT_EQ(metric_label("step_time_s"), "step time");
  EXPECT_EQ(metric_label("gpu_hours_per_trillion_tokens"), "GPU-hours per trillion tokens");
  EXPECT_EQ(metric_label("input_tokens_per_s_per_node"), "input tokens per second per node");
  EXPECT_EQ(metric_label("phases_s"), "phases of the first pipeline rank");
  EXPECT_EQ(metric_label("memory_per_gpu_B"), "memory per GPU");
  EXPECT_EQ(metric_label("s"), "s");
}

TEST(SignedPercent, KeepsItsSign) {
  EXPECT_EQ(signed_percent(0.0423), "+4.2 %");
  EXPECT_EQ(signed_percent(-0.003), "-0.3 %");
}

}  // namespace
}  // namespace moesim
