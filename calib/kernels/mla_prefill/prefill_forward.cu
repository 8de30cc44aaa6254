#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_prefill/prefill_forward_kernel.cuh"

namespace moesim {

using namespace prefill_forward;

void launch_prefill_forward(const PrefillParams& params, cudaStream_t stream) {
  static const cudaError_t allowed = cudaFuncSetAttribute(
      prefill_forward_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(Shared));
  check(allowed);
  const dim3 grid(static_cast<unsigned>(params.heads),
                  static_cast<unsigned>((params.length + kQueries - 1) / kQueries));
  prefill_forward_kernel<<<grid, kThreads, sizeof(Shared), stream>>>(params);
  check(cudaGetLastError());
}

}  // namespace moesim
