#include "calib/import/trace/traced_shape.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

using Shapes = std::vector<std::vector<std::int64_t>>;
using Axes = std::map<std::string, double>;

TracedKernel kernel(const std::string& op, Shapes shapes, std::vector<std::string> types = {}) {
  TracedKernel out;
  out.op = op;
  out.shapes = std::move(shapes);
  out.types = std::move(types);
  return out;
}

TEST(TracedShape, OfProducts) {
  const auto mm = traced_shape(kernel("aten::mm", {{4096, 7168}, {7168, 2112}}), KernelClass::gemm);
  ASSERT_TRUE(mm);
  EXPECT_EQ(mm->entry.op, TimedOperator::gemm);
  EXPECT_EQ(mm->entry.axes, (Axes{{"m", 4096}, {"n", 2112}, {"k", 7168}}));
  const auto bias = traced_shape(kernel("aten::addmm", {{8}, {4, 16}, {16, 8}}), KernelClass::gemm);
  ASSERT_TRUE(bias);
  EXPECT_EQ(bias->entry.axes, (Axes{{"m", 4}, {"n", 8}, {"k", 16}}));
  const auto linear = traced_shape(kernel("aten::linear", {{2, 512, 16}, {8, 16}}), KernelClass::gemm);
  ASSERT_TRUE(linear);
  EXPECT_EQ(linear->entry.axes, (Axes{{"m", 1024}, {"n", 8}, {"k", 16}}));
  const auto batched =
      traced_shape(kernel("aten::bmm", {{128, 64, 128}, {128, 128, 512}}), KernelClass::gemm);
  ASSERT_TRUE(batched);
  EXPECT_EQ(batched->entry.op, TimedOperator::batched_gemm);
  EXPECT_EQ(batched->entry.axes, (Axes{{"batch", 128}, {"m", 64}, {"n", 512}, {"k", 128}}));
}

TEST(TracedShape, TellsFormats) {
  const auto fp8 = traced_shape(
      kernel("aten::_scaled_mm", {{64, 128}, {128, 256}}, {"c10::Float8_e4m3fn", "c10::Float8_e4m3fn"}),
      KernelClass::gemm);
  ASSERT_TRUE(fp8);
  EXPECT_EQ(fp8->entry.format, NumberFormat::fp8);
  EXPECT_FALSE(traced_shape(kernel("aten::mm", {{8, 8}, {8, 8}}, {"double", "double"}), KernelClass::gemm));
}

// 4 groups share 8,192 rows: 2,048 each.
TEST(TracedShape, OfGroupedProducts) {
  const auto grouped = traced_shape(kernel("aten::_grouped_mm", {{8192, 7168}, {4, 7168, 4096}, {4}}),
                                    KernelClass::grouped_gemm);
  ASSERT_TRUE(grouped);
  EXPECT_EQ(grouped->entry.op, TimedOperator::grouped_gemm);
  EXPECT_EQ(grouped->entry.axes, (Axes{{"groups", 4}, {"m", 2048}, {"n", 4096}, {"k", 7168}}));
}

TEST(TracedShape, OfAttention) {
  const Shapes gqa{{2, 512, 16, 128}, {2, 512, 4, 128}, {2, 512, 4, 128}};
  const auto forward =
      traced_shape(kernel("aten::_flash_attention_forward", gqa), KernelClass::attention_forward);
  ASSERT_TRUE(forward);
  EXPECT_EQ(forward->entry.op, TimedOperator::gqa_prefill);
  EXPECT_EQ(forward->entry.axes,
            (Axes{{"head_dim", 128}, {"heads", 16}, {"kv_heads", 4}, {"batch", 2}, {"length", 512}}));
  // Latent heads of 192 and 128: one of two sequences.
  const Shapes latent{{2, 128, 4096, 192}, {2, 128, 4096, 192}, {2, 128, 4096, 128}};
  const auto mla = traced_shape(kernel("aten::_scaled_dot_product_cudnn_attention", latent),
                                KernelClass::attention_forward);
  ASSERT_TRUE(mla);
  EXPECT_EQ(mla->entry.op, TimedOperator::attention_prefill);
  EXPECT_EQ(mla->entry.axes, (Axes{{"heads", 128}, {"qk_dim", 192}, {"v_dim", 128}, {"length", 4096}}));
  EXPECT_EQ(mla->seconds_share, 0.5);
  Shapes backward{{2, 512, 16, 128}};
  backward.insert(backward.end(), gqa.begin(), gqa.end());
  const auto gradient =
      traced_shape(kernel("aten::_flash_attention_backward", backward), KernelClass::attention_backward);
  ASSERT_TRUE(gradient);
  EXPECT_EQ(gradient->entry.role, GemmRole::input_gradient);
}

TEST(TracedShape, OfCollectives) {
  TracedKernel reduce;
  reduce.collective = "allreduce";
  reduce.elements_in = 1000;
  reduce.group_size = 8;
  reduce.types = {"BFloat16"};
  const auto out = traced_shape(reduce, KernelClass::collective);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->entry.op, TimedOperator::all_reduce);
  EXPECT_EQ(out->entry.axes, (Axes{{"num_gpus", 8}, {"bytes", 2000}}));
  reduce.group_size = 1;
  EXPECT_FALSE(traced_shape(reduce, KernelClass::collective));
}

TEST(TracedShape, IsNothingWithoutShapesOrRule) {
  EXPECT_FALSE(traced_shape(kernel("aten::mm", {}), KernelClass::gemm));
  EXPECT_FALSE(traced_shape(kernel("aten::mm", {{4, 8}, {9, 2}}), KernelClass::gemm));
  EXPECT_FALSE(traced_shape(kernel("aten::mm", {{0, 8}, {8, 2}}), KernelClass::gemm));
  EXPECT_FALSE(traced_shape(kernel("mine::op", {{4, 8}, {8, 2}}), KernelClass::gemm));
  EXPECT_FALSE(traced_shape(kernel("aten::mm", {{4, 8}, {8, 2}}), KernelClass::small));
  // New tokens behind cached ones are no whole prompt.
  EXPECT_FALSE(traced_shape(
      kernel("aten::_flash_attention_forward", {{1, 1, 16, 128}, {1, 512, 4, 128}, {1, 512, 4, 128}}),
      KernelClass::attention_forward));
}

}  // namespace
}  // namespace moesim
