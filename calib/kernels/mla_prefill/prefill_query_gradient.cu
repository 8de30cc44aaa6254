#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_prefill/prefill_backward.hpp"
#include "calib/kernels/mla_prefill/prefill_query_gradient_kernel.cuh"

namespace moesim {

using namespace prefill_query_gradient;

void launch_prefill_query_gradient(const PrefillParams& params, cudaStream_t stream) {
  static const cudaError_t allowed = cudaFuncSetAttribute(
      prefill_query_gradient_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(Shared));
  check(allowed);
  const dim3 grid(static_cast<unsigned>(params.heads),
                  static_cast<unsigned>((params.length + kQueries - 1) / kQueries));
  prefill_query_gradient_kernel<<<grid, kThreads, sizeof(Shared), stream>>>(params);
  check(cudaGetLastError());
}

}  // namespace moesim
