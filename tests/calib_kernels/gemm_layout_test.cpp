#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "calib/kernels/gemm/e4m3.hpp"
#include "calib/kernels/gemm/gemm_problem.hpp"
#include "calib/kernels/gemm/sample_points.hpp"

namespace moesim {
namespace {

TEST(ScaleLayout, VectorsLieColumnByColumn) {
  const ScaleLayout scales = vector_scales(/*rows=*/12, /*k=*/300);
  EXPECT_EQ(scales.size, 12 * 3);  // 300 columns make 3 blocks
  EXPECT_EQ(scales.index(5, 0), 5);
  EXPECT_EQ(scales.index(5, 127), 5);
  EXPECT_EQ(scales.index(5, 128), 12 + 5);
  EXPECT_EQ(scales.index(11, 299), 2 * 12 + 11);
}

TEST(ScaleLayout, BlocksOfCublasArePaddedToFourAlongK) {
  // 2112 rows make 16.5 blocks, 640 columns 5, padded to 8.
  const ScaleLayout scales = cublas_block_scales(2112, 640);
  EXPECT_EQ(scales.size, 17 * 8);
  EXPECT_EQ(scales.index(127, 127), 0);
  EXPECT_EQ(scales.index(0, 128), 1);
  EXPECT_EQ(scales.index(128, 0), 8);
  EXPECT_EQ(scales.index(2111, 639), 16 * 8 + 4);
}

TEST(ScaleLayout, BlocksOfCutlassLieRowBlocksInnermost) {
  const ScaleLayout scales = cutlass_block_scales(2112, 640);
  EXPECT_EQ(scales.size, 17 * 5);
  EXPECT_EQ(scales.index(128, 0), 1);
  EXPECT_EQ(scales.index(0, 128), 17);
  EXPECT_EQ(scales.index(2111, 639), 4 * 17 + 16);
}

TEST(ScaleLayout, EveryBlockHasItsOwnScaleWithinTheSize) {
  for (const ScaleKind kind : {ScaleKind::vector, ScaleKind::cublas_block, ScaleKind::cutlass_block}) {
    for (const auto& [rows, k] : {std::pair{1, 16}, {130, 520}, {256, 1024}, {2112, 576}}) {
      const ScaleLayout scales = scale_layout(kind, rows, k);
      std::set<std::int64_t> seen;
      for (int row = 0; row < rows; row += scales.block_rows)
        for (int column = 0; column < k; column += kScaleBlock) {
          EXPECT_TRUE(seen.insert(scales.index(row, column)).second);
          EXPECT_LT(scales.index(std::min(row + scales.block_rows, rows) - 1, column), scales.size);
        }
    }
  }
}

TEST(OperandLayout, IsRowMajorOneWayOrTheOther) {
  const OperandLayout k_major{3, 5, true, {}};
  EXPECT_EQ(k_major.index(2, 4), 14);
  const OperandLayout transposed{3, 5, false, {}};
  EXPECT_EQ(transposed.index(2, 4), 4 * 3 + 2);
}

TEST(GroupedLayout, GroupsDoNotOverlapAndScalesStartAtSixteenBytes) {
  const std::vector<GroupSide> sides{{3, 128, 256}, {0, 0, 256}, {7, 128, 256}};
  const GroupedLayout all = grouped_layout(sides, ScaleKind::vector);
  EXPECT_EQ(all.groups[1].element_offset, 128 * 256);
  EXPECT_EQ(all.groups[2].element_offset, 128 * 256);
  EXPECT_EQ(all.num_elements, 2 * 128 * 256);
  EXPECT_EQ(all.groups[1].scale_offset, 8);  // 3 rows x 2 blocks, rounded up to 4
  EXPECT_EQ(all.groups[2].scale_offset, 8);
  EXPECT_EQ(all.num_scales, 8 + 16);  // 7 x 2 = 14
}

TEST(GroupedLayout, RefusesMoreRowsThanSlots) {
  const GroupSide side{129, 128, 64};
  EXPECT_THROW(grouped_layout({&side, 1}, ScaleKind::none), RunError);
}

constexpr GemmSize kDense{100, 2112, 7168};

TEST(GemmProblem, ForwardInFp8PadsRowsForCublasAlone) {
  const auto problem = [](GemmLibrary library) {
    return make_gemm_problem(NumberFormat::fp8, GemmRole::forward, library, {&kDense, 1});
  };
  const GemmProblem cublas = problem(GemmLibrary::cublas);
  EXPECT_EQ(cublas.m_side.groups[0].layout.rows, 112);
  EXPECT_EQ(cublas.m_side.groups[0].layout.scales.block_stride, 112);
  EXPECT_EQ(cublas.m_side.num_elements, 128 * 7168);
  EXPECT_EQ(cublas.n_side.groups[0].layout.scales.row_stride, 56);
  EXPECT_EQ(cublas.out_elements, 128 * 2112);
  const GemmProblem cutlass = problem(GemmLibrary::cutlass);
  EXPECT_EQ(cutlass.m_side.groups[0].layout.rows, 100);
  EXPECT_EQ(cutlass.n_side.groups[0].layout.scales.row_stride, 1);
  EXPECT_EQ(cutlass.n_side.groups[0].layout.scales.block_stride, 17);
}

TEST(GemmProblem, OperandsOfBf16LieAsATrainingStepHasThem) {
  const auto majors = [](GemmRole role) {
    const auto problem = make_gemm_problem(NumberFormat::bf16, role, GemmLibrary::cublas, {&kDense, 1});
    return std::pair{problem.m_side.groups[0].layout.k_major, problem.n_side.groups[0].layout.k_major};
  };
  EXPECT_EQ(majors(GemmRole::forward), std::pair(true, true));
  EXPECT_EQ(majors(GemmRole::input_gradient), std::pair(true, false));
  EXPECT_EQ(majors(GemmRole::weight_gradient), std::pair(false, false));
}

TEST(GemmProblem, WeightGradientInFp8RoundsTokensUpAndScalesVectors) {
  const GemmSize size{4096, 7168, 1000};
  const auto problem =
      make_gemm_problem(NumberFormat::fp8, GemmRole::weight_gradient, GemmLibrary::cublas, {&size, 1});
  EXPECT_TRUE(problem.accumulates());
  EXPECT_EQ(problem.m_side.groups[0].layout.k, 1024);
  EXPECT_EQ(problem.n_side.groups[0].layout.k, 1024);
  EXPECT_EQ(problem.n_side.groups[0].layout.scales.block_rows, 1);
  EXPECT_EQ(problem.out_bytes(), std::int64_t{4096} * 7168 * 4);
}

TEST(GemmProblem, MaskedGroupsHaveTheRoomOfTheBusiest) {
  const std::vector<GemmSize> sizes{{3, 256, 128}, {0, 256, 128}, {40, 256, 128}};
  const auto problem = make_gemm_problem(NumberFormat::fp8, GemmRole::forward, GemmLibrary::cutlass, sizes,
                                         RowLayout::masked, 40);
  for (std::size_t g = 0; g < 3; ++g) {
    EXPECT_EQ(problem.m_side.groups[g].element_offset, static_cast<std::int64_t>(g) * 48 * 128);
    EXPECT_EQ(problem.out_offsets[g], static_cast<std::int64_t>(g) * 48 * 256);
  }
  EXPECT_THROW(make_gemm_problem(NumberFormat::fp8, GemmRole::forward, GemmLibrary::cutlass, sizes,
                                 RowLayout::masked, 39),
               RunError);
}

TEST(GemmProblem, WorkCountsWhatWasAskedForOnly) {
  const std::vector<GemmSize> sizes{{3, 256, 128}, {0, 256, 128}};
  const auto problem = make_gemm_problem(NumberFormat::fp8, GemmRole::forward, GemmLibrary::cublas, sizes);
  const Work work = problem.work(/*l2_bytes=*/0);
  EXPECT_EQ(work.flops, 2.0 * 3 * 256 * 128);
  // A: 3 x 128 and 3 scales; B: 256 x 128 and 2 scales, padded to 2 x 4; out: BF16. The empty group reads
  // nothing.
  EXPECT_EQ(work.hbm_bytes, 3 * 128 + 4 * 3 + 256 * 128 + 4 * 8 + 2 * 3 * 256);
  const auto gradient =
      make_gemm_problem(NumberFormat::bf16, GemmRole::weight_gradient, GemmLibrary::cublas, {&kDense, 1});
  EXPECT_EQ(gradient.work(0).hbm_bytes, 2.0 * 7168 * (100 + 2112) + 8.0 * 100 * 2112);
}

TEST(GemmProblem, WorkLeavesOutWhatL2MayKeepOfTheOutput) {
  const auto problem =
      make_gemm_problem(NumberFormat::bf16, GemmRole::weight_gradient, GemmLibrary::cublas, {&kDense, 1});
  const double written = 4.0 * 100 * 2112;
  EXPECT_EQ(problem.written_bytes(), written);
  EXPECT_EQ(problem.read_bytes(), 2.0 * 7168 * (100 + 2112) + written);
  EXPECT_EQ(problem.work(1000).hbm_bytes, problem.read_bytes() + written - 1000);
  EXPECT_EQ(problem.work(1e9).hbm_bytes, problem.read_bytes()) << "reads are never left out";
}

TEST(SamplePoints, HoldTheEdgesAndDoNotRepeat) {
  const auto points = sample_points(200, 300, 16, 48, 1);
  std::set<std::pair<int, int>> seen;
  for (const SamplePoint& point : points) {
    EXPECT_TRUE(point.row >= 0 && point.row < 200 && point.column >= 0 && point.column < 300);
    EXPECT_TRUE(seen.emplace(point.row, point.column).second);
  }
  EXPECT_EQ(points.size(), 16U * 48);
  EXPECT_TRUE(seen.contains({0, 0}) && seen.contains({199, 299}) && seen.contains({128, 127}));
  EXPECT_EQ(sample_points(1, 8, 16, 48, 1).size(), 8U);
  EXPECT_TRUE(sample_points(0, 8, 16, 48, 1).empty());
}

TEST(E4m3, EveryByteGoesThereAndBack) {
  for (int bits = 0; bits < 256; ++bits) {
    const double value = e4m3_value(static_cast<std::uint8_t>(bits));
    if (std::isnan(value)) continue;
    EXPECT_EQ(e4m3_bits(value), bits);
  }
  EXPECT_EQ(e4m3_value(0x7e), 448);
  EXPECT_EQ(e4m3_value(0x08), std::ldexp(1, -6));
  EXPECT_EQ(e4m3_value(0x01), std::ldexp(1, -9));
}

TEST(E4m3, RoundsToTheNearestTiesToEvenAndSaturates) {
  for (int bits = 0; bits < 0x7e; ++bits) {
    const double low = e4m3_value(static_cast<std::uint8_t>(bits));
    const double high = e4m3_value(static_cast<std::uint8_t>(bits + 1));
    EXPECT_EQ(e4m3_bits(low + 0.49 * (high - low)), bits);
    EXPECT_EQ(e4m3_bits(low + 0.51 * (high - low)), bits + 1);
    EXPECT_EQ(e4m3_bits((low + high) / 2), bits % 2 == 0 ? bits : bits + 1);
  }
  EXPECT_EQ(e4m3_bits(1e6), 0x7e);
  EXPECT_EQ(e4m3_bits(-460), 0xfe);
}

}  // namespace
}  // namespace moesim
