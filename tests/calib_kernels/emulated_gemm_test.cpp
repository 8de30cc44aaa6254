// The reference of GEMMs and the kernels of the expert MLP as they are, their blocks emulated on the host.
#include <cuda_fp8.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "calib/kernels/expert_mlp/mlp_kernels.hpp"
#include "calib/kernels/expert_mlp/mlp_reference.hpp"
#include "tests/calib_kernels/expert_mlp_expect.hpp"

namespace moesim {
namespace {

std::vector<float> random_floats(std::int64_t count, float low, float high, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = uniform(random);
  return values;
}

std::vector<__nv_bfloat16> random_bf16(std::int64_t count, unsigned seed) {
  std::vector<__nv_bfloat16> values;
  for (const float value : random_floats(count, -3, 3, seed)) values.push_back(__float2bfloat16(value));
  return values;
}

std::vector<std::byte> random_e4m3(std::int64_t count, unsigned seed) {
  std::vector<std::byte> values;
  for (const float value : random_floats(count, -300, 300, seed))
    values.push_back(std::byte{e4m3_bits(value)});
  return values;
}

/// One side in FP8 on the host.
struct HostSide {
  OperandLayout layout;
  std::vector<std::byte> elements;
  std::vector<float> scales;

  HostSide(int rows, int k, ScaleKind kind, unsigned seed)
      : layout{rows, k, true, scale_layout(kind, rows, k)},
        elements(random_e4m3(std::int64_t{rows} * k, seed)),
        scales(random_floats(layout.scales.size, 0.5F, 1.5F, seed + 1)) {}
  [[nodiscard]] ReferenceSide reference() const { return {elements.data(), scales.data(), layout}; }
  [[nodiscard]] double value(int row, int column) const {
    const auto at =
        static_cast<std::size_t>(row) * static_cast<std::size_t>(layout.k) + static_cast<std::size_t>(column);
    return e4m3_value(std::to_integer<std::uint8_t>(elements[at])) *
           scales[static_cast<std::size_t>(layout.scales.index(row, column))];
  }
};

double product(const HostSide& a, int row, const HostSide& b, int column) {
  double sum = 0;
  for (int p = 0; p < a.layout.k; ++p) sum += a.value(row, p) * b.value(column, p);
  return sum;
}

TEST(EmulatedGemmReference, IsTheProductOfTheDequantisedOperands) {
  const HostSide a(5, 320, ScaleKind::vector, 1);
  for (const ScaleKind kind : {ScaleKind::vector, ScaleKind::cublas_block, ScaleKind::cutlass_block}) {
    const HostSide b(200, 320, kind, 3);
    const std::vector<SamplePoint> points{{0, 0}, {4, 199}, {2, 127}, {3, 128}};
    std::vector<double> out(points.size());
    launch_gemm_reference(true, a.reference(), b.reference(), points.data(), 4, out.data(), nullptr);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double expected = product(a, points[i].row, b, points[i].column);
      EXPECT_NEAR(out[i], expected, 1e-9 * std::abs(expected) + 1e-6);
    }
  }
}

TEST(EmulatedGemmReference, ReadsBf16OperandsWithEitherSideInnermost) {
  const auto a = random_bf16(3 * 40, 1), b = random_bf16(7 * 40, 2);
  const OperandLayout transposed{3, 40, false, {}}, straight{7, 40, true, {}};
  const SamplePoint point{2, 6};
  double out = 0;
  launch_gemm_reference(false, {a.data(), nullptr, transposed}, {b.data(), nullptr, straight}, &point, 1,
                        &out, nullptr);
  double expected = 0;
  for (std::size_t p = 0; p < 40; ++p)
    expected += double{__bfloat162float(a[p * 3 + 2])} * double{__bfloat162float(b[6 * 40 + p])};
  EXPECT_NEAR(out, expected, 1e-9);
}

TEST(EmulatedGemmReference, SamplesRowMajorOutputs) {
  const auto out = random_floats(4 * 9, -1, 1, 5);
  const std::vector<SamplePoint> points{{0, 8}, {3, 0}};
  std::vector<double> sampled(2);
  launch_sample(true, out.data(), 9, points.data(), 2, sampled.data(), nullptr);
  EXPECT_EQ(sampled, (std::vector<double>{out[8], out[27]}));
}

class EmulatedExpertMlp : public testing::Test {
 protected:
  ExpertMlpProblem problem = make_expert_mlp_problem(NumberFormat::fp8, GemmLibrary::cutlass, 256, 384,
                                                     std::vector{3, 0, 5}, /*seed=*/1);
  int num_rows = static_cast<int>(problem.rows.size());
};

TEST_F(EmulatedExpertMlp, PackingPutsTokensAndScalesIntoTheirSlots) {
  const auto tokens = random_e4m3(num_rows * 256, 2);
  const auto scales = random_floats(num_rows * 2, 1, 2, 3);
  std::vector<std::byte> packed(static_cast<std::size_t>(problem.gate_up.m_side.num_elements));
  std::vector<float> packed_scales(static_cast<std::size_t>(problem.gate_up.m_side.num_scales));
  pack_tokens({tokens.data(), scales.data(), 256}, problem.rows.data(), num_rows, packed.data(),
              packed_scales.data(), nullptr);
  test::expect_packed(problem, tokens, scales, packed, packed_scales);
}

TEST_F(EmulatedExpertMlp, QuantisationGivesTheNearestE4m3OfEachBlock) {
  const auto gate_up = random_bf16(problem.gate_up.out_elements, 4);
  std::vector<std::byte> out(static_cast<std::size_t>(problem.down.m_side.num_elements), std::byte{0xff});
  std::vector<float> scales(static_cast<std::size_t>(problem.down.m_side.num_scales));
  swiglu_quantise(reinterpret_cast<const std::byte*>(gate_up.data()), problem.rows.data(), num_rows, 384,
                  out.data(), scales.data(), nullptr);
  test::expect_quantised(problem, gate_up, out, scales);
}

TEST_F(EmulatedExpertMlp, ReferenceIsTheChainOfBothGemms) {
  const HostSide gate_up(2 * 128, 256, ScaleKind::cutlass_block, 11),
      down(256, 128, ScaleKind::cutlass_block, 13);
  const auto elements = random_e4m3(2 * 256, 6);
  const auto scales = random_floats(2 * 2, 1e-3F, 2e-3F, 7);
  const MlpSample sample{1, gate_up.reference(), down.reference()};
  const std::vector<int> columns{0, 200};
  std::vector<double> activations(128), out(2);
  launch_mlp_reference({elements.data(), scales.data(), 256}, {&sample, 1, columns.data(), 2}, 128,
                       activations.data(), out.data(), nullptr);
  const auto dot = [&](int row) {
    double sum = 0;
    for (int p = 0; p < 256; ++p)
      sum += e4m3_value(std::to_integer<std::uint8_t>(elements[256 + static_cast<std::size_t>(p)])) *
             scales[2 + static_cast<std::size_t>(p) / 128] * gate_up.value(row, p);
    return sum;
  };
  for (std::size_t c = 0; c < 2; ++c) {
    double expected = 0;
    for (int j = 0; j < 128; ++j)
      expected += dot(j) / (1 + std::exp(-dot(j))) * dot(128 + j) * down.value(columns[c], j);
    EXPECT_NEAR(out[c], expected, 1e-9 * std::abs(expected));
  }
}

}  // namespace
}  // namespace moesim
