#pragma once

#include <cmath>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// The sum of exponentials of pieces whose logarithms of sums are known.
struct CombinedSum {
  float largest = 0;  ///< of the logarithms; 0 where all are -inf
  float sum = 0;      ///< of exp(lse - largest)

  /// Share of a piece in the softmax over all pieces; 0 for a piece that saw nothing.
  [[nodiscard]] MOESIM_HOST_DEVICE float weight(float lse) const {
    return sum > 0 ? expf(lse - largest) / sum : 0.0f;
  }
  [[nodiscard]] MOESIM_HOST_DEVICE float lse() const { return sum > 0 ? logf(sum) + largest : -INFINITY; }
};

/// Of `pieces` logarithms.
MOESIM_HOST_DEVICE inline CombinedSum combine_sums(const float* lse, int pieces) {
  float largest = -INFINITY;
  for (int i = 0; i < pieces; ++i) largest = fmaxf(largest, lse[i]);
  CombinedSum sum;
  sum.largest = largest == -INFINITY ? 0.0f : largest;
  for (int i = 0; i < pieces; ++i) sum.sum += expf(lse[i] - sum.largest);
  return sum;
}

}  // namespace moesim
