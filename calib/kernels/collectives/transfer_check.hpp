#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "calib/kernels/collectives/pattern.hpp"

namespace moesim {

/// Where a received row comes from.
struct RowOrigin {
  int row = 0;
  int source = 0;  ///< rank
  int token = 0;   ///< of that rank
};

/// Fills [num_rows, hidden] with the row_value() of a rank. Asynchronous, as the other.
void fill_row_values(__nv_bfloat16* rows, std::size_t num_rows, int hidden, std::uint32_t seed, int rank,
                     cudaStream_t stream);

/// Adds to `*mismatches` the elements of the received rows that are not those of their origin: token t of
/// source s is the elements [t, t + 1) * row_elements of the message (seed, s, 0). `origins` [num_origins].
void count_row_mismatches(const std::uint16_t* rows, std::size_t row_elements, const RowOrigin* origins,
                          std::size_t num_origins, std::uint32_t seed, unsigned long long* mismatches,
                          cudaStream_t stream);

}  // namespace moesim
