#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calib/kernels/gemm/operand_layout.hpp"
#include "calib/measure/measured_case.hpp"

namespace moesim {

/// out[m, n] = A[m, k] B[n, k]^T
struct GemmSize {
  int m = 0;
  int n = 0;
  int k = 0;
};

/// Who computes: the libraries want different scales and paddings.
enum class GemmLibrary { cublas, cutlass };

/// How the rows of the groups lie in memory.
enum class RowLayout {
  contiguous,  ///< groups behind one another, each starting at a multiple of kRowAlignment rows
  masked,      ///< [groups, max_rows], the first rows of each group valid
};

/// What a grouped GEMM computes and where everything lies; pure arithmetic. A dense GEMM has one group.
struct GemmProblem {
  NumberFormat format = NumberFormat::bf16;
  GemmRole role = GemmRole::forward;
  GemmLibrary library = GemmLibrary::cublas;
  RowLayout rows = RowLayout::contiguous;
  std::vector<GemmSize> sizes;  ///< as asked for; the layouts below may be padded
  GroupedLayout m_side, n_side;
  std::vector<std::int64_t> out_offsets;  ///< elements
  std::int64_t out_elements = 0;

  /// A weight gradient is added to an FP32 output; other outputs are written, in BF16.
  [[nodiscard]] bool accumulates() const { return role == GemmRole::weight_gradient; }
  [[nodiscard]] std::int64_t out_bytes() const { return out_elements * (accumulates() ? 4 : 2); }
  /// Bytes of operands and output of one input set.
  [[nodiscard]] double set_bytes() const;
  /// Bytes of the operands of groups with rows, each once; those of an output that is added to as well.
  [[nodiscard]] double read_bytes() const;
  /// Bytes of the output, once.
  [[nodiscard]] double written_bytes() const;
  /// 2 m n k; least traffic: what is read, and what is written beyond `l2_bytes`, which need not leave L2.
  [[nodiscard]] Work work(double l2_bytes) const;
};

/// Operands of FP8 are both k-major (the only form that Hopper multiplies), those of BF16 lie as a training
/// step has them: in the input gradient the weights as [k, n], in the weight gradient both as [k, m or n].
/// FP8 rows are rounded up to kLtRowAlignment for cuBLASLt, and k of an FP8 weight gradient to 128.
/// `max_rows` is read in the masked layout. Throws RunError.
GemmProblem make_gemm_problem(NumberFormat format, GemmRole role, GemmLibrary library,
                              std::span<const GemmSize> sizes, RowLayout rows = RowLayout::contiguous,
                              int max_rows = 0);

}  // namespace moesim
