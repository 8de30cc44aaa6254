#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "calib/kernels/attention/fragments.hpp"
#include "calib/kernels/attention/matrix_descriptor.hpp"
#include "calib/kernels/attention/swizzled_tile.hpp"

namespace moesim {
namespace {

TEST(SwizzledTile, IsABijectionOntoItsBytes) {
  for (const int rows : {32, 64, 128}) {
    for (const int columns : {64, 192, 576}) {
      std::set<int> seen;
      for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) seen.insert(swizzled_offset(row, column, rows));
      EXPECT_EQ(static_cast<int>(seen.size()), rows * columns);
      EXPECT_EQ(*seen.begin(), 0);
      EXPECT_EQ(*seen.rbegin(), tile_bytes(rows, columns) - 2);
    }
  }
}

// CU_TENSOR_MAP_SWIZZLE_128B exchanges address bits 4 to 6 by xor with bits 7 to 9.
TEST(SwizzledTile, IsTheSwizzleOf128Bytes) {
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) {
      const int plain = row * 128 + column * 2;
      EXPECT_EQ(swizzled_offset(row, column, 64), plain ^ (plain >> 7 & 7) << 4);
      EXPECT_EQ(swizzled_offset(row, column + 512, 64), swizzled_offset(row, column, 64) + 8 * 8192);
    }
  }
}

// ldmatrix reads eight rows of 16 bytes at a time: they must lie in different banks.
TEST(SwizzledTile, EightRowsOfAChunkShareNoBank) {
  for (int column = 0; column < 64; column += 8) {
    std::set<int> banks;
    for (int row = 0; row < 8; ++row) banks.insert(swizzled_offset(row, column, 64) / 16 % 8);
    EXPECT_EQ(banks.size(), 8U);
  }
}

/// Shared memory that holds a tile whose element (row, column) is 1000 row + column.
std::vector<int> make_tile(int rows, int columns) {
  std::vector<int> memory(static_cast<std::size_t>(rows * columns), -1);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column)
      memory[static_cast<std::size_t>(swizzled_offset(row, column, rows) / 2)] = 1000 * row + column;
  return memory;
}

/// What ldmatrix.x4 leaves in register `i`, element `half` of lane `lane`: matrix i has its rows where lanes
/// 8 i to 8 i + 7 point; a lane holds elements 2 (lane % 4) and the next of row lane / 4, transposed:
/// elements of column lane / 4.
int loaded(const std::vector<int>& memory, int rows, RowColumn (*place)(int), RowColumn base, int lane, int i,
           int half, bool transposed) {
  const int row = transposed ? lane % 4 * 2 + half : lane / 4;
  const int column = transposed ? lane / 4 : lane % 4 * 2 + half;
  const RowColumn at = place(8 * i + row);
  const int offset = swizzled_offset(base.row + at.row, base.column + at.column, rows) + 2 * column;
  return memory[static_cast<std::size_t>(offset / 2)];
}

// Fragments of mma.m16n8k16 in the PTX ISA. A: a0 a1 are (lane / 4, 2 (lane % 4) + {0, 1}), a2 a3 eight rows
// below, a4 to a7 eight columns further. B: b0 b1 are (k = 2 (lane % 4) + {0, 1}, n = lane / 4), b2 b3 eight
// of k further.
TEST(Fragments, LdmatrixGivesOperandA) {
  const auto tile = make_tile(64, 192);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      for (int half = 0; half < 2; ++half) {
        const int row = 16 + lane / 4 + i % 2 * 8;
        const int column = 80 + lane % 4 * 2 + half + i / 2 * 8;
        EXPECT_EQ(loaded(tile, 64, ldmatrix_a, {16, 80}, lane, i, half, false), 1000 * row + column);
      }
    }
  }
}

TEST(Fragments, LdmatrixGivesOperandBStoredByN) {
  const auto tile = make_tile(64, 192);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      for (int half = 0; half < 2; ++half) {
        const int n = 32 + lane / 4 + i / 2 * 8;
        const int k = 144 + lane % 4 * 2 + half + i % 2 * 8;
        EXPECT_EQ(loaded(tile, 64, ldmatrix_b, {32, 144}, lane, i, half, false), 1000 * n + k);
      }
    }
  }
}

TEST(Fragments, TransposedLdmatrixGivesOperandBStoredByK) {
  const auto tile = make_tile(64, 576);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      for (int half = 0; half < 2; ++half) {
        const int n = 304 + lane / 4 + i / 2 * 8;
        const int k = 48 + lane % 4 * 2 + half + i % 2 * 8;
        EXPECT_EQ(loaded(tile, 64, ldmatrix_b_transposed, {48, 304}, lane, i, half, true), 1000 * k + n);
      }
    }
  }
}

// operand_of() in mma_sync.cuh packs registers (0, 1), (2, 3) of the left and of the right accumulator tile.
TEST(Fragments, AccumulatorsOfTwoTilesAreAnOperandA) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      for (int half = 0; half < 2; ++half) {
        const RowColumn from = accumulator_element(lane, i % 2 * 2 + half);
        EXPECT_EQ(from.row, lane / 4 + i % 2 * 8);
        EXPECT_EQ(from.column + i / 2 * 8, lane % 4 * 2 + half + i / 2 * 8);
      }
    }
  }
}

TEST(Fragments, AccumulatorsCoverATileOnce) {
  std::set<std::pair<int, int>> seen;
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i) {
      const RowColumn at = accumulator_element(lane, i);
      seen.insert({at.row, at.column});
    }
  EXPECT_EQ(seen.size(), 128U);
  EXPECT_EQ(*seen.rbegin(), (std::pair<int, int>{15, 7}));
}

/// Fields of a descriptor, in bytes.
struct Fields {
  int address, leading, stride;
  explicit Fields(std::uint64_t descriptor)
      : address(static_cast<int>(descriptor & 0x3fff) * 16),
        leading(static_cast<int>(descriptor >> 16 & 0x3fff) * 16),
        stride(static_cast<int>(descriptor >> 32 & 0x3fff) * 16) {}
};

// Canonical layouts of wgmma with the 128-byte swizzle (PTX ISA, "Strides"): by rows, groups of eight rows
// lie `stride` apart; by columns, blocks of 64 of n lie `leading` and groups of eight of k `stride` apart.
// The swizzle works on addresses.
int swizzled(int address) {
  return address ^ (address >> 7 & 7) << 4;
}

TEST(MatrixDescriptor, ByRowsReadsTheTile) {
  const int base = 3 * 1024;
  const auto tile = make_tile(64, 576);
  const std::uint64_t first = descriptor_by_rows(base);
  EXPECT_EQ(first >> 62, 1U);
  for (int k = 0; k < 576; k += 16) {
    const Fields fields(advance(first, block_offset(k, 64) + k % 64 * 2));
    for (int row = 0; row < 64; ++row) {
      for (int i = 0; i < 16; ++i) {
        const int address = fields.address + row / 8 * fields.stride + row % 8 * 128 + 2 * i;
        EXPECT_EQ(tile[static_cast<std::size_t>((swizzled(address) - base) / 2)], 1000 * row + k + i);
      }
    }
  }
}

TEST(MatrixDescriptor, ByColumnsReadsTheTile) {
  const int base = 5 * 1024;
  const auto tile = make_tile(64, 576);
  for (const int column : {0, 256}) {
    const std::uint64_t first =
        descriptor_by_columns(static_cast<std::uint32_t>(base + block_offset(column, 64)), 64);
    for (int k = 0; k < 64; k += 16) {
      const Fields fields(advance(first, k * 128));
      for (int i = 0; i < 16; ++i) {
        for (int n = 0; n < 256; ++n) {
          const int address =
              fields.address + n / 64 * fields.leading + i / 8 * fields.stride + i % 8 * 128 + n % 64 * 2;
          EXPECT_EQ(tile[static_cast<std::size_t>((swizzled(address) - base) / 2)],
                    1000 * (k + i) + column + n);
        }
      }
    }
  }
}

// The last block of shared memory must not run over the 14 bits of the address.
TEST(MatrixDescriptor, AddressesOfAllSharedMemoryFit) {
  const Fields last(advance(descriptor_by_rows(200 * 1024), 27 * 1024 - 16));
  EXPECT_EQ(last.address, 227 * 1024 - 16);
  EXPECT_EQ(last.leading, 16);
}

}  // namespace
}  // namespace moesim
