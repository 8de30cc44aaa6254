#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace moesim {

// Kernels of memory bandwidth over buffers of 16-byte vectors. All are asynchronous.

/// Stores pattern_word(place, seed) in every word.
void launch_write(uint4* out, std::size_t num_vectors, std::uint32_t seed, cudaStream_t stream);
/// out[tile]: exclusive or of all words of the tile.
void launch_read(const uint4* in, std::size_t num_vectors, std::uint32_t* out, cudaStream_t stream);
void launch_copy(const uint4* in, uint4* out, std::size_t num_vectors, cudaStream_t stream);
/// Reads the buffer `passes` times past L1. out[tile]: exclusive or of all words that block `tile` read.
void launch_l2_read(const uint4* in, std::size_t num_vectors, int passes, std::uint32_t* out,
                    cudaStream_t stream);
/// Kernels that do nothing, one after another.
void launch_nothing(int count, cudaStream_t stream);

}  // namespace moesim
