#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "calib/kernels/collectives/pattern_bits.hpp"

namespace moesim {

/// Fills `count` elements with the message of `key`. Asynchronous, as the others.
void fill_pattern(std::uint16_t* data, std::size_t count, PatternKey key, cudaStream_t stream);

/// Fills `count` BF16 numbers with the summands of the rank key.source, from element `first` on.
void fill_summands(std::uint16_t* data, std::size_t count, PatternKey key, std::size_t first, int num_ranks,
                   cudaStream_t stream);

/// Adds the number of elements that are not those of the message to `*mismatches`.
void count_pattern_mismatches(const std::uint16_t* data, std::size_t count, PatternKey key,
                              unsigned long long* mismatches, cudaStream_t stream);

/// The same for the sums over all ranks of their summands from element `first` on.
void count_sum_mismatches(const std::uint16_t* data, std::size_t count, PatternKey key, std::size_t first,
                          int num_ranks, unsigned long long* mismatches, cudaStream_t stream);

}  // namespace moesim
