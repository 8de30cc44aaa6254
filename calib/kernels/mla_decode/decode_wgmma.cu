#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_decode/decode_wgmma.hpp"
#include "calib/kernels/mla_decode/decode_wgmma_kernel.cuh"

namespace moesim {

using namespace decode_wgmma;

void launch_decode_wgmma(const DecodeParams& params, const DecodeTensorMaps& maps, int num_parts,
                         cudaStream_t stream) {
  static const cudaError_t allowed =
      cudaFuncSetAttribute(decode_wgmma_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes);
  check(allowed);
  const dim3 grid(static_cast<unsigned>(params.shape.row_tiles()), static_cast<unsigned>(num_parts));
  decode_wgmma_kernel<<<grid, kThreads, kSharedBytes, stream>>>(params, maps);
  check(cudaGetLastError());
}

}  // namespace moesim
