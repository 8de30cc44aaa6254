#pragma once

#include <cuda_runtime_api.h>

#include <span>
#include <vector>

#include "calib/kernels/mla_decode/decode_params.hpp"

namespace moesim {

/// The portable kernel (mma.sync, ldmatrix, cp.async: sm_80 and later with 219 KiB of shared memory a block).
void launch_decode_mma(const DecodeParams& params, int num_parts, cudaStream_t stream);

/// Combines the partial results of the `num_split` sequences listed at `split_sequences` (device). Launches
/// nothing where there are none.
void launch_decode_combine(const DecodeParams& params, const int* split_sequences, int num_split,
                           cudaStream_t stream);

/// One row of the output: row `row` (query token and head) of sequence `sequence`.
struct SampledRow {
  int sequence = 0;
  int row = 0;
};

/// Outputs in FP64 from the BF16 inputs. Waits for the device.
struct DecodeReference {
  std::vector<double> out;  ///< [num_samples, 512]
  std::vector<double> lse;  ///< [num_samples]; -inf: nothing to see
};
DecodeReference reference_decode(const DecodeParams& params, std::span<const SampledRow> samples,
                                 int longest);

/// Fills the cache behind the end of each sequence, up to the end of its last page, with NaN.
void poison_cache_tails(const DecodeParams& params, __nv_bfloat16* cache, cudaStream_t stream);

}  // namespace moesim
