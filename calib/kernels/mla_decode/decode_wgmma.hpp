#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include "calib/kernels/mla_decode/decode_params.hpp"

namespace moesim {

/// Tensor maps of the copies that the kernel makes; boxes of 64 x 64 elements, 128-byte swizzle.
struct DecodeTensorMaps {
  CUtensorMap query;  ///< [batch, rows, 576]
  CUtensorMap cache;  ///< [num_pages * 64, 576]
};

/// Maps for the buffers of `params`. Throws CudaError where the driver refuses.
DecodeTensorMaps make_decode_tensor_maps(const DecodeParams& params, int num_pages);

/// Starts the kernel of sm_90a on `num_parts` parts; `params` says where it writes. Needs sm_90.
void launch_decode_wgmma(const DecodeParams& params, const DecodeTensorMaps& maps, int num_parts,
                         cudaStream_t stream);

}  // namespace moesim
