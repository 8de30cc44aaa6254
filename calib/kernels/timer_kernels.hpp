#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace moesim {

// Kernels that the timer runs around a call. All are asynchronous.

/// Loads every vector through L2, which then holds clean lines of the buffer in place of what was there: a
/// line that was written before has gone to memory. `sink` is written only where some
/// thread finds every bit set, which a buffer of zeroes has nowhere.
void launch_read_through(const uint4* data, std::size_t num_vectors, std::uint32_t* sink,
                         cudaStream_t stream);

/// A kernel that does nothing.
void launch_empty(cudaStream_t stream);

}  // namespace moesim
