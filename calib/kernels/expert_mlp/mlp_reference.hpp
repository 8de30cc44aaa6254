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

/// Rows and columns of the output that are computed, on the device.
struct MlpSamples {
  const MlpSample* rows = nullptr;
  int num_rows = 0;
  const int* columns = nullptr;
  int num_columns = 0;
};

/// Writes activations [rows, inter] and out [rows, columns], in FP64. Asynchronous.
void launch_mlp_reference(const ReceivedTokens& tokens, const MlpSamples& samples, int inter,
                          double* activations, double* out, cudaStream_t stream);

/// [samples, columns] of what the MLP should give, in FP64 throughout, nothing rounded in between. Waits for
/// the stream.
std::vector<double> mlp_reference(const ReceivedTokens& tokens, std::span<const MlpSample> samples,
                                  std::span<const int> columns, int inter, cudaStream_t stream);

}  // namespace moesim
