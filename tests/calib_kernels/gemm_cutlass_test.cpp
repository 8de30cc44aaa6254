#include <gtest/gtest.h>
#include <cutlass/detail/blockwise_scale_layout.hpp>

#include "calib/kernels/gemm/scale_layout.hpp"

namespace moesim {
namespace {

// The layouts that the kernels of CUTLASS read with, against those that moesim writes with.
TEST(CutlassScales, LieWhereCutlassLooksForThem) {
  using Scales = cutlass::detail::Sm90BlockwiseScaleConfig<1, kScaleBlock, kScaleBlock>;
  const int m = 100, n = 2112, k = 640;
  const auto m_layout = Scales::tile_atom_to_shape_SFA(cute::make_shape(m, n, k, 1));
  const auto n_layout = Scales::tile_atom_to_shape_SFB(cute::make_shape(m, n, k, 1));
  const ScaleLayout m_scales = vector_scales(m, k);
  const ScaleLayout n_scales = cutlass_block_scales(n, k);
  for (int column = 0; column < k; column += 31) {
    for (int row = 0; row < m; ++row) EXPECT_EQ(m_layout(row, column, 0), m_scales.index(row, column));
    for (int row = 0; row < n; row += 17) EXPECT_EQ(n_layout(row, column, 0), n_scales.index(row, column));
  }
  EXPECT_EQ(cute::size(cute::filter_zeros(m_layout)), m_scales.size);
  EXPECT_EQ(cute::size(cute::filter_zeros(n_layout)), n_scales.size);
}

}  // namespace
}  // namespace moesim
