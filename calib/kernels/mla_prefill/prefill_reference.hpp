#pragma once

#include <span>
#include <vector>

#include "calib/kernels/mla_prefill/prefill_params.hpp"

namespace moesim {

/// One row of queries, keys or values: a token of a head.
struct TokenOfHead {
  int head = 0;
  int token = 0;
};

/// Outputs of sampled queries in FP64 from the BF16 inputs. Waits for the device, as the next one does.
struct ForwardReference {
  std::vector<double> out;  ///< [num_samples, 128]
  std::vector<double> lse;  ///< [num_samples]
};
ForwardReference reference_forward(const PrefillParams& params, std::span<const TokenOfHead> samples);

/// Gradients of sampled tokens of one head in FP64. They are a function of the inputs and of `params.out`,
/// the outputs as given (BF16): out times out_gradient, which every score gradient is a difference with,
/// takes them as they are. Sums of weights are computed anew.
struct BackwardReference {
  std::vector<double> query;  ///< [num_samples, 192]
  std::vector<double> key;    ///< [num_samples, 192]
  std::vector<double> value;  ///< [num_samples, 128]
};
BackwardReference reference_backward(const PrefillParams& params, int head, std::span<const int> tokens);

}  // namespace moesim
