#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calib/kernels/gemm/scale_layout.hpp"

namespace moesim {

/// One side of out[m, n] = A[m, k] B[n, k]^T: `rows` (m or n) vectors of length k.
struct OperandLayout {
  int rows = 0;
  int k = 0;
  bool k_major = true;  ///< stored as [rows, k], else as [k, rows]
  ScaleLayout scales;

  MOESIM_HOST_DEVICE constexpr std::int64_t index(int row, int column) const {
    return k_major ? std::int64_t{row} * k + column : std::int64_t{column} * rows + row;
  }
};

/// One side of a grouped GEMM in one buffer of elements and one of scales. A dense GEMM has one group.
struct GroupedLayout {
  struct Group {
    OperandLayout layout;
    std::int64_t element_offset = 0;
    std::int64_t scale_offset = 0;
  };
  std::vector<Group> groups;
  std::int64_t num_elements = 0;
  std::int64_t num_scales = 0;
};

/// What one group of one side is asked to be.
struct GroupSide {
  int rows = 0;   ///< rows of the layout
  int slots = 0;  ///< rows that memory is set aside for, at least `rows`
  int k = 0;
};

/// Groups behind one another; scales start at multiples of 4 (16 bytes). Throws RunError where a group has
/// fewer slots than rows, or where k is not innermost and slots differ from rows.
GroupedLayout grouped_layout(std::span<const GroupSide> sides, ScaleKind scales, bool k_major = true);

/// Rows of a group in the contiguous layout are rounded up to this many, as DeepGEMM's callers do.
inline constexpr int kRowAlignment = 128;
/// cuBLASLt gets FP8 rows in multiples of this: scales of a column must start at 16 bytes.
inline constexpr int kLtRowAlignment = 16;

}  // namespace moesim
