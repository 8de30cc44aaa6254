#pragma once

#include <cstdint>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// Columns that share one FP32 scale, along the reduction.
inline constexpr int kScaleBlock = 128;

MOESIM_HOST_DEVICE constexpr int ceil_div(int a, int b) {
  return (a + b - 1) / b;
}
MOESIM_HOST_DEVICE constexpr int round_up(int a, int multiple) {
  return ceil_div(a, multiple) * multiple;
}

/// Who reads the scales: the libraries want the 128x128 ones in different orders.
enum class ScaleKind {
  none,           ///< BF16
  vector,         ///< 1x128: cuBLASLt's VEC128_32F, and CUTLASS with the major order M
  cublas_block,   ///< 128x128: cuBLASLt's BLK128x128_32F
  cutlass_block,  ///< 128x128: CUTLASS with the major order N
};

/// Where the scale of an element of a [rows, k] operand lies.
struct ScaleLayout {
  int block_rows = 1;             ///< 1 or 128 rows share a scale
  std::int64_t row_stride = 0;    ///< between neighbouring blocks of rows
  std::int64_t block_stride = 0;  ///< between neighbouring blocks of 128 columns
  std::int64_t size = 0;          ///< scales in all, padding included

  MOESIM_HOST_DEVICE constexpr std::int64_t index(int row, int column) const {
    return row / block_rows * row_stride + column / kScaleBlock * block_stride;
  }
};

/// [ceil(k / 128), rows], rows innermost. cuBLASLt wants `rows` to be a multiple of 4.
constexpr ScaleLayout vector_scales(int rows, int k) {
  return {1, 1, rows, std::int64_t{rows} * ceil_div(k, kScaleBlock)};
}

/// [ceil(rows / 128), ceil(k / 128) rounded up to 4], blocks of k innermost (cuBLAS 13 manual, scaling of FP8
/// by 128x128 blocks; the tests of PyTorch's scaled_mm pad in the same way).
constexpr ScaleLayout cublas_block_scales(int rows, int k) {
  const int stride = round_up(ceil_div(k, kScaleBlock), 4);
  return {kScaleBlock, stride, 1, std::int64_t{stride} * ceil_div(rows, kScaleBlock)};
}

/// [ceil(k / 128), ceil(rows / 128)], blocks of rows innermost (Sm90BlockwiseScaleConfig of CUTLASS 4.2).
constexpr ScaleLayout cutlass_block_scales(int rows, int k) {
  const int blocks = ceil_div(rows, kScaleBlock);
  return {kScaleBlock, 1, blocks, std::int64_t{blocks} * ceil_div(k, kScaleBlock)};
}

/// The layout of `kind`; of size 0 for none.
constexpr ScaleLayout scale_layout(ScaleKind kind, int rows, int k) {
  switch (kind) {
    case ScaleKind::none:
      return {};
    case ScaleKind::vector:
      return vector_scales(rows, k);
    case ScaleKind::cublas_block:
      return cublas_block_scales(rows, k);
    case ScaleKind::cutlass_block:
      return cutlass_block_scales(rows, k);
  }
  return {};
}

}  // namespace moesim
