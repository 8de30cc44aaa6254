#pragma once

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// Where a lane looks in a matrix.
struct RowColumn {
  int row = 0;
  int column = 0;
};

// Fragments of mma.sync.m16n8k16 with FP32 accumulators and of wgmma.m64nNk16, whose warp w holds rows
// 16 w to 16 w + 15 in the same arrangement ("Matrix Fragments" in the PTX ISA).

/// Element of accumulator register i of an m16n8 tile (i in [0, 4)). Register 4 j + i of a wider tile is
/// register i of the tile that starts at column 8 j.
MOESIM_HOST_DEVICE constexpr RowColumn accumulator_element(int lane, int i) {
  return {lane / 4 + i / 2 * 8, lane % 4 * 2 + i % 2};
}

/// The row whose 16 bytes lane `lane` points ldmatrix.x4 to, so that the four registers become operand A of a
/// 16x16 tile stored by rows [m, k].
MOESIM_HOST_DEVICE constexpr RowColumn ldmatrix_a(int lane) {
  return {lane % 8 + lane / 8 % 2 * 8, lane / 16 * 8};
}

/// The same for operand B of two neighbouring n8 tiles (16 of n, 16 of k) stored as [n, k]: registers 0 and 1
/// are those of the first, 2 and 3 those of the second.
MOESIM_HOST_DEVICE constexpr RowColumn ldmatrix_b(int lane) {
  return {lane % 8 + lane / 16 * 8, lane / 8 % 2 * 8};
}

/// The same with ldmatrix.x4.trans for an operand B that is stored as [k, n].
MOESIM_HOST_DEVICE constexpr RowColumn ldmatrix_b_transposed(int lane) {
  return {lane % 8 + lane / 8 % 2 * 8, lane / 16 * 8};
}

}  // namespace moesim
