#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "calib/kernels/cuda_error.hpp"

namespace moesim {

#ifdef MOESIM_EMULATED_BLOCKS

// The tests run blocks on the host, a thread of the host for each of theirs.
template <class... Parameters, class... Arguments>
void start_kernel(void (*kernel)(Parameters...), int blocks, int threads, std::size_t shared,
                  cudaStream_t stream, Arguments&&... arguments);

#else

/// Starts a kernel with `shared` bytes of dynamic shared memory. Asynchronous; throws CudaError where the
/// launch fails.
template <class... Parameters, class... Arguments>
void start_kernel(void (*kernel)(Parameters...), int blocks, int threads, std::size_t shared,
                  cudaStream_t stream, Arguments&&... arguments) {
  kernel<<<blocks, threads, shared, stream>>>(std::forward<Arguments>(arguments)...);
  check(cudaGetLastError());
}

/// The dynamic shared memory of a block.
template <class T>
__device__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char bytes[];
  return reinterpret_cast<T*>(bytes);
}

#endif

}  // namespace moesim
