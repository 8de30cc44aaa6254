// The shared-memory layouts and wgmma descriptors against those that CuTe makes.

#include <gtest/gtest.h>

#include <cutlass/numeric_types.h>
#include <cute/atom/mma_atom.hpp>
#include <cute/tensor.hpp>

#include "calib/kernels/attention/matrix_descriptor.hpp"
#include "calib/kernels/attention/swizzled_tile.hpp"

namespace moesim {
namespace {

using cute::Int;
using cute::Shape;
using Element = cutlass::bfloat16_t;
using Major = cute::SM90::GMMA::Major;
using Atom = cute::SM90::GMMA::Layout_K_SW128_Atom<Element>;

alignas(1024) Element memory[64 * 576];

TEST(Cute, TileIsLaidOutAlike) {
  const auto tile =
      cute::make_tensor(cute::make_smem_ptr(memory), cute::tile_to_shape(Atom{}, Shape<Int<64>, Int<576>>{}));
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 576; ++column) {
      const auto offset = reinterpret_cast<char*>(&tile(row, column)) - reinterpret_cast<char*>(memory);
      ASSERT_EQ(offset, swizzled_offset(row, column, 64));
    }
  }
}

// On the host CuTe takes address 0 for shared memory.
TEST(Cute, DescriptorByRowsIsTheSame) {
  const auto tile =
      cute::make_tensor(cute::make_smem_ptr(memory), cute::tile_to_shape(Atom{}, Shape<Int<64>, Int<576>>{}));
  const auto first = cute::local_tile(tile, Shape<Int<64>, Int<16>>{}, cute::make_coord(0, 0));
  EXPECT_EQ(cute::SM90::GMMA::make_gmma_desc<Major::K>(first).desc_, descriptor_by_rows(0));
}

TEST(Cute, DescriptorByColumnsIsTheSame) {
  const auto layout = cute::composition(cute::tile_to_shape(Atom{}, Shape<Int<64>, Int<256>>{}),
                                        cute::make_layout(Shape<Int<256>, Int<64>>{}, cute::GenRowMajor{}));
  const auto values = cute::make_tensor(cute::make_smem_ptr(memory), layout);
  const auto first = cute::local_tile(values, Shape<Int<256>, Int<16>>{}, cute::make_coord(0, 0));
  EXPECT_EQ(cute::SM90::GMMA::make_gmma_desc<Major::MN>(first).desc_, descriptor_by_columns(0, 64));
}

/// Offsets, in 16 bytes, from the first 16 of k to the others.
TEST(Cute, StepsAlongKAreTheSame) {
  const auto mma = cute::make_tiled_mma(
      cute::MMA_Atom<cute::SM90::GMMA::MMA_64x64x16_F32BF16BF16_SS<Major::K, Major::K>>{});
  const auto slice = mma.get_slice(0);
  const auto tile =
      cute::make_tensor(cute::make_smem_ptr(memory), cute::tile_to_shape(Atom{}, Shape<Int<64>, Int<576>>{}));
  const auto keys = slice.make_fragment_B(slice.partition_B(tile));
  const auto queries = slice.make_fragment_A(slice.partition_A(tile));
  for (int step = 0; step < 36; ++step) {
    const int bytes = block_offset(16 * step, 64) + 16 * step % 64 * 2;
    EXPECT_EQ(keys.layout()(0, 0, step) * 16, bytes);
    EXPECT_EQ(queries.layout()(0, 0, step) * 16, bytes);
  }
}

}  // namespace
}  // namespace moesim
