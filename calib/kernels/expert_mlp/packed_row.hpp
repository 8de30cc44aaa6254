#pragma once

#include <cstdint>

namespace moesim {

/// Where a row of an expert comes from and where it lies in the operands of the two GEMMs.
struct PackedRow {
  std::int64_t slot = 0;           ///< row of memory, the same in both GEMMs and in their outputs
  std::int64_t gate_up_scale = 0;  ///< its first scale in the operand of the first GEMM (FP8)
  std::int64_t down_scale = 0;     ///< in that of the second
  std::int64_t scale_stride = 0;   ///< to the scale of the next 128 columns, in both
  int token = 0;                   ///< row of the received tokens
  int group = 0;
};

}  // namespace moesim
