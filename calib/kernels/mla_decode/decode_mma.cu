#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_decode/decode_kernels.hpp"
#include "calib/kernels/mla_decode/decode_mma_kernel.cuh"

namespace moesim {

using namespace decode_mma;

void launch_decode_mma(const DecodeParams& params, int num_parts, cudaStream_t stream) {
  static const cudaError_t allowed =
      cudaFuncSetAttribute(decode_mma_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes);
  check(allowed);
  const dim3 grid(static_cast<unsigned>(params.shape.row_tiles()), static_cast<unsigned>(num_parts));
  decode_mma_kernel<<<grid, kThreads, kSharedBytes, stream>>>(params);
  check(cudaGetLastError());
}

}  // namespace moesim
