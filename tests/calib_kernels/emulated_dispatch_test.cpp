// The kernels of dispatch as they are, their blocks emulated on the host.
#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "calib/kernels/dispatch/gate.hpp"
#include "calib/kernels/dispatch/layout.hpp"
#include "calib/kernels/dispatch/quantise_reference.hpp"
#include "calib/kernels/dispatch/rows.hpp"
#include "calib/measure/random_routing.hpp"
#include "calib/measure/token_layout.hpp"

namespace moesim {
namespace {

using Index = std::size_t;

std::vector<float> normals(Index count, float sigma, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, sigma);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<__nv_bfloat16> bf16_normals(Index count, unsigned seed) {
  std::vector<__nv_bfloat16> values;
  for (float value : normals(count, 1, seed)) values.push_back(__float2bfloat16(value));
  return values;
}

class EmulatedGate : public testing::TestWithParam<GateShape> {};

// Token 0 has equal logits and no bias to tell them apart, token 1 equal pairs: ties go to the lowest expert.
TEST_P(EmulatedGate, ChoosesAsTheReference) {
  const GateShape shape = GetParam();
  ASSERT_EQ(gate_refusal(shape), nullptr);
  constexpr int kTokens = 11;
  const auto width = static_cast<Index>(shape.experts);
  auto logits = normals(kTokens * width, 1, 3);
  for (Index e = 0; e < width; ++e) {
    logits[e] = 0.25F;
    logits[width + e] = 0.25F * static_cast<float>(e % 4);
  }
  for (const float sigma : {0.0F, 0.3F}) {
    const auto bias = normals(width, sigma, 4);
    std::vector<int> experts(static_cast<Index>(kTokens * shape.top_k), -7);
    std::vector<float> weights(experts.size());
    launch_gate(shape, logits.data(), bias.data(), kTokens, experts.data(), weights.data(), 1, nullptr);
    for (int t = 0; t < kTokens; ++t) {
      const auto row = std::span<const float>(logits).subspan(static_cast<Index>(t) * width, width);
      const GateChoice choice = gate_reference(shape, row, bias);
      if (sigma > 0 && choice.margin < 1e-6) continue;
      for (Index k = 0; k < choice.experts.size(); ++k) {
        const Index at = static_cast<Index>(t) * choice.experts.size() + k;
        EXPECT_EQ(experts[at], choice.experts[k]) << t << " " << k;
        EXPECT_NEAR(weights[at], choice.weights[k], 1e-5);
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, EmulatedGate,
                         testing::Values(GateShape{256, 8, 4, 8, 2.5}, GateShape{64, 1, 1, 6, 1},
                                         GateShape{128, 1, 1, 8, 1}, GateShape{128, 4, 2, 8, 1},
                                         GateShape{256, 4, 2, 8, 1}, GateShape{256, 1, 1, 8, 2.5},
                                         GateShape{384, 1, 1, 8, 2.5}, GateShape{256, 8, 8, 8, 1}));

struct LayoutCase {
  LayoutShape shape;
  double exponent;
};
class EmulatedLayout : public testing::TestWithParam<LayoutCase> {};

TEST_P(EmulatedLayout, PlacesEveryCopyAsTheReference) {
  const auto& [shape, exponent] = GetParam();
  ASSERT_EQ(layout_refusal(shape), nullptr);
  const auto chosen = random_experts({shape.experts, 1, 1, shape.top_k, exponent}, shape.tokens, 3, 0);
  const auto experts = static_cast<Index>(shape.experts);
  std::vector<int> tile_counts(experts * static_cast<Index>(shape.num_tiles()), -1);
  std::vector<int> counts(experts, -1);
  std::vector<int> offsets(experts + 1, -1);
  std::vector<int> to_rank(static_cast<Index>(shape.ranks), -1);
  std::vector<int> position(chosen.size(), -1);
  launch_layout(
      shape,
      {chosen.data(), tile_counts.data(), counts.data(), offsets.data(), to_rank.data(), position.data()},
      nullptr);
  const TokenLayout wanted = layout_by_expert(chosen, shape.experts, shape.alignment);
  EXPECT_EQ(counts, wanted.counts);
  EXPECT_EQ(offsets, wanted.offsets);
  EXPECT_EQ(position, wanted.position);
  EXPECT_EQ(to_rank, tokens_per_rank(chosen, shape.top_k, shape.experts, shape.ranks));
  EXPECT_LE(static_cast<Index>(offsets.back()), shape.max_rows());
}
INSTANTIATE_TEST_SUITE_P(
    Shapes, EmulatedLayout,
    testing::Values(LayoutCase{{300, 8, 256, 8, 128}, 1}, LayoutCase{{1, 8, 256, 1, 1}, 0},
                    LayoutCase{{129, 6, 64, 4, 16}, 0.6}, LayoutCase{{64, 1, 384, 2, 128}, 0},
                    LayoutCase{{2200, 8, 64, 1, 128}, 1.2}, LayoutCase{{65, 5, 512, 512, 4}, 0}));

struct RowShape {
  int tokens, columns, top_k;
};
class EmulatedRows : public testing::TestWithParam<RowShape> {
 protected:
  int tokens = GetParam().tokens;
  Index columns = static_cast<Index>(GetParam().columns);
  Index top_k = static_cast<Index>(GetParam().top_k);
  TokenLayout layout = layout_by_expert(random_experts({64, 1, 1, GetParam().top_k, 0}, tokens, 3, 0), 64, 4);
  RowCopies copies{tokens, GetParam().columns, GetParam().top_k, layout.position.data()};
  Index num_rows = static_cast<Index>(layout.offsets.back());
  std::vector<__nv_bfloat16> source = bf16_normals(static_cast<Index>(tokens) * columns, 5);
};

TEST_P(EmulatedRows, PackedRowsAreTheTokensAndNothingElseIsWritten) {
  const auto mark = __float2bfloat16(-99);
  std::vector<__nv_bfloat16> rows(num_rows * columns, mark);
  launch_permute(copies, source.data(), rows.data(), 1, nullptr);
  auto wanted = std::vector<__nv_bfloat16>(rows.size(), mark);
  for (Index i = 0; i < layout.position.size(); ++i)
    for (Index c = 0; c < columns; ++c)
      wanted[static_cast<Index>(layout.position[i]) * columns + c] = source[i / top_k * columns + c];
  EXPECT_EQ(std::memcmp(rows.data(), wanted.data(), rows.size() * sizeof(rows[0])), 0);
}

TEST_P(EmulatedRows, QuantisedRowsAreThoseOfTheHost) {
  std::vector<std::uint8_t> codes(num_rows * columns, 0x7f);
  std::vector<float> scales(codes.size() / kQuantBlock, -1);
  launch_quantise_permute(copies, source.data(), codes.data(), scales.data(), 1, nullptr);
  for (Index i = 0; i < layout.position.size(); ++i) {
    const auto wanted = quantise_reference(std::span(source).subspan(i / top_k * columns, columns));
    const Index row = static_cast<Index>(layout.position[i]);
    EXPECT_TRUE(std::equal(wanted.codes.begin(), wanted.codes.end(),
                           codes.begin() + static_cast<long>(row * columns)));
    EXPECT_TRUE(std::equal(wanted.scales.begin(), wanted.scales.end(),
                           scales.begin() + static_cast<long>(row * columns / kQuantBlock)));
  }
}

TEST_P(EmulatedRows, WeightedSumsAreThoseOfFp64) {
  const auto rows = bf16_normals(num_rows * columns, 6);
  auto weights = normals(layout.position.size(), 1, 7);
  std::vector<__nv_bfloat16> sums(source.size());
  launch_unpermute(copies, rows.data(), weights.data(), sums.data(), 1, nullptr);
  for (Index t = 0; t < static_cast<Index>(tokens); ++t) {
    for (Index c = 0; c < columns; ++c) {
      double sum = 0;
      double size = 0;
      for (Index i = t * top_k; i < (t + 1) * top_k; ++i) {
        const auto row = static_cast<Index>(layout.position[i]);
        const double product = double{weights[i]} * double{__bfloat162float(rows[row * columns + c])};
        sum += product;
        size += std::abs(product);
      }
      ASSERT_NEAR(double{__bfloat162float(sums[t * columns + c])}, sum, std::abs(sum) / 256 + 1e-6 * size);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, EmulatedRows,
                         testing::Values(RowShape{5, 7168, 8}, RowShape{3, 128, 3}, RowShape{7, 1152, 5},
                                         RowShape{2, 2048, 1}));

}  // namespace
}  // namespace moesim
