#pragma once

#include <span>
#include <vector>

#include "calib/kernels/expert_mlp/mlp_kernels.hpp"
#include "calib/kernels/gemm/sampled_check.hpp"

namespace moesim {

/// A row whose output is computed anew from its token.
struct MlpSample {
  int token = 0;
  ReferenceSide gate_up;  ///< [2 inter, hidden] of its expert
  ReferenceSide down;     ///< [hidden, inter]
};

/// [samples, columns] of what the MLP should give, in FP64 throughout, nothing rounded in between. Waits for
/// the stream.
std::vector<double> mlp_reference(const ReceivedTokens& tokens, std::span<const MlpSample> samples,
                                  std::span<const int> columns, int inter, cudaStream_t stream);

}  // namespace moesim
