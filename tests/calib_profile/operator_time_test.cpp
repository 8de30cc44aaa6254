#include "calib/profile/operator_time.hpp"

#include <gtest/gtest.h>

#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::gemm_entry;
using test::small_profile;
using test::small_stack;

/// A product timed at 20 us alone, attention at 100 us, BF16 at 40 us.
CalibrationProfile profile() {
  return small_profile(
      {gemm_entry(1000, 1000, 1000, "20 us"), gemm_entry(1000, 1000, 1000, "40 us", "bf16"),
       entry("attention_prefill",
             R"("axes": {"heads": 16, "qk_dim": 192, "v_dim": 128, "length": 1000}, "time": "100 us")")});
}

Operator gemm(const std::string& name, OperatorRole role = OperatorRole::forward) {
  Operator op;
  op.name = name;
  op.kind = OperatorKind::gemm;
  op.role = role;
  op.format = NumberFormat::fp8;
  op.m = op.n = op.k = 1000;
  return op;
}

Operator attention(OperatorRole role = OperatorRole::forward) {
  Operator op;
  op.name = "attention_core";
  op.kind = OperatorKind::attention_core;
  op.role = role;
  op.heads = op.kv_heads = 16;
  op.qk_dim = 192;
  op.v_dim = 128;
  op.sequences = 1;
  op.query_tokens = op.kv_tokens = 1000;
  op.causal = true;
  return op;
}

Operator small(const std::string& name) {
  Operator op;
  op.name = name;
  op.bytes_read = 6e6;
  op.bytes_written = 4e6;
  return op;
}

double micro(const Operator& op) {
  return operator_time(op, small_stack(), profile()).seconds * 1e6;
}

/// profile(), which knows at which clocks it was timed.
CalibrationProfile burst_profile(double sustained_rate) {
  ProfileFile file = profile().file();
  Constant constant;
  constant.name = "sustained_rate";
  constant.unit = "ratio";
  constant.value = sustained_rate;
  constant.provenance = Provenance::measured;
  constant.sources = {file.sources.front().id};
  constant.interval = {sustained_rate, sustained_rate};
  file.constants.push_back(constant);
  return {std::move(file), {}, "text"};
}

// The stack says 0.8.
TEST(OperatorTime, TheSustainedRateOfAProfileStandsForThatOfTheStack) {
  EXPECT_FALSE(profile().sustained_rate());
  EXPECT_EQ(sustained_rate(small_stack(), profile()).value, 0.8);
  const CalibrationProfile burst = burst_profile(0.5);
  EXPECT_EQ(sustained_rate(small_stack(), burst).owner, "small");
  EXPECT_NEAR(operator_time(gemm("linear"), small_stack(), burst).seconds, 40e-6, 1e-12);
  EXPECT_EQ(operator_time(small("norm"), small_stack(), burst).seconds,
            operator_time(small("norm"), small_stack(), profile()).seconds);
}

// 20 us at sustained clocks 0.8.
TEST(OperatorTime, OfAProductIsItsCurveOverTheSustainedRate) {
  EXPECT_DOUBLE_EQ(micro(gemm("o_proj")), 25);
  const TimeEstimate out = operator_time(gemm("o_proj"), small_stack(), profile());
  EXPECT_EQ(out.provenance, Provenance::published);
  EXPECT_EQ(out.source, "table");
}

// The row of the class goes before that of the kind.
TEST(OperatorTime, TakesTheFactorOfItsKernelSource) {
  EXPECT_DOUBLE_EQ(micro(gemm("q_up")), 50);
  EXPECT_EQ(kernel_source_of(small_stack(), gemm("kv_up"))->op, "gemm");
  const Stack stack = small_stack();
  EXPECT_EQ(kernel_source_of(stack, attention()), nullptr);
  EXPECT_EQ(kernel_source_of(stack, gemm("o_proj_wgrad", OperatorRole::weight_gradient)), nullptr);
}

TEST(OperatorTime, CountsLaunches) {
  Operator op = gemm("o_proj");
  op.count = 3;
  EXPECT_DOUBLE_EQ(micro(op), 75);
}

// 100 us over 0.8, three times as long backward.
TEST(OperatorTime, OfAttention) {
  EXPECT_DOUBLE_EQ(micro(attention()), 125);
  EXPECT_DOUBLE_EQ(micro(attention(OperatorRole::input_gradient)), 375);
  Operator behind_cache = attention();
  behind_cache.kv_tokens = 2000;  // three times the pairs
  EXPECT_DOUBLE_EQ(micro(behind_cache), 375);
}

// 10 MB at half of 1 TB/s; clocks do not matter. The stack moves three times the bytes to permute.
TEST(OperatorTime, OfASmallKernelIsItsBytes) {
  EXPECT_DOUBLE_EQ(micro(small("rms_norm.mlp")), 20);
  EXPECT_DOUBLE_EQ(micro(small("permute.gradient")), 60);
}

TEST(OperatorTime, OfAFusedOperatorIsNothing) {
  EXPECT_EQ(micro(small("rope.query")), 0);
}

// Forward BF16 40 us over 0.8, traffic 10^6 parameters x 8 B at half of 1 TB/s, 66 us in all, over 0.8. A
// stack with BF16 main gradients: 58 us.
TEST(OperatorTime, OfAWeightGradientHasTheStacksAccumulation) {
  Operator op = gemm("o_proj_wgrad", OperatorRole::weight_gradient);
  op.format = NumberFormat::bf16;
  EXPECT_NEAR(micro(op), 82.5, 1e-9);
  Stack stack = small_stack();
  stack.gradient_type = NumberFormat::bf16;
  EXPECT_NEAR(operator_time(op, stack, profile()).seconds, 72.5e-6, 1e-15);
}

// Rows of an operator are those of all groups, of a shape those of one.
TEST(GemmShapeOf, DividesRowsByGroups) {
  Operator op = gemm("routed_gate_up");
  op.kind = OperatorKind::grouped_gemm;
  op.groups = 4;
  op.m = 4000;
  EXPECT_EQ(gemm_shape_of(op).m, 1000);
  EXPECT_EQ(gemm_shape_of(op).k, 1000);
  EXPECT_EQ(gemm_shape_of(op).groups, 4);
  Operator weight = gemm("routed_gate_up_wgrad", OperatorRole::weight_gradient);
  weight.groups = 4;
  weight.k = 4000;
  EXPECT_EQ(gemm_shape_of(weight).m, 1000);
  EXPECT_EQ(gemm_shape_of(weight).k, 1000);
  EXPECT_EQ(gemm_shape_of(weight).role, GemmRole::weight_gradient);
}

}  // namespace
}  // namespace moesim
