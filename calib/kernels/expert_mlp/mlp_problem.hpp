#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calib/kernels/expert_mlp/packed_row.hpp"
#include "calib/kernels/gemm/gemm_problem.hpp"

namespace moesim {

/// The two GEMMs of routed experts: gate and up side by side, then down.
struct ExpertMlpProblem {
  int hidden = 0;
  int inter = 0;
  GemmProblem gate_up;  ///< [rows, 2 inter] = [rows, hidden] [2 inter, hidden]^T
  GemmProblem down;     ///< [rows, hidden] = [rows, inter] [hidden, inter]^T
  std::vector<PackedRow> rows;

  /// 6 rows hidden inter; tokens and weights read once, what of the output exceeds `l2_bytes` written once.
  [[nodiscard]] Work work(double l2_bytes) const;
};

/// Rows of each expert of a case of expert_mlp: its axis rows over all of them, max_rows of the fullest (as
/// many as the others where it has none). Throws RunError where they cannot be.
std::vector<int> expert_rows(const MeasuredCase& point);

/// `rows_of_group` rows each; tokens are drawn without repeats, in an order given by `seed`.
ExpertMlpProblem make_expert_mlp_problem(NumberFormat format, GemmLibrary library, int hidden, int inter,
                                         std::span<const int> rows_of_group, std::uint64_t seed);

}  // namespace moesim
