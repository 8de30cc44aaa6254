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

  /// 6 rows hidden inter; tokens and weights read once, the output written once.
  [[nodiscard]] Work work() const;
};

/// `rows_of_group` rows each; tokens are drawn without repeats, in an order given by `seed`.
ExpertMlpProblem make_expert_mlp_problem(NumberFormat format, GemmLibrary library, int hidden, int inter,
                                         std::span<const int> rows_of_group, std::uint64_t seed);

}  // namespace moesim
