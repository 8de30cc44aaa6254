#pragma once

#include <cuda_bf16.h>

#include "calib/kernels/mla_decode/split_schedule.hpp"

namespace moesim {

/// What the decode kernels read and write; all pointers are of the device.
struct DecodeParams {
  DecodeShape shape;
  const __nv_bfloat16* query = nullptr;  ///< [batch, queries, heads, 576]
  const __nv_bfloat16* cache = nullptr;  ///< [num_pages, 64, 576]
  const int* block_table = nullptr;      ///< [batch, table_stride] pages of each sequence
  int table_stride = 0;
  const int* lengths = nullptr;       ///< [batch] tokens of each sequence
  const DecodePart* parts = nullptr;  ///< [num_parts]
  const int* first_slot = nullptr;    ///< [batch + 1]
  float scale = 0;                    ///< of the scores, before the exponential

  __nv_bfloat16* out = nullptr;  ///< [batch, queries, heads, 512]
  float* lse = nullptr;          ///< [batch, queries, heads] natural log of the sum; -inf: nothing to see
  float* partial_out = nullptr;  ///< [num_slots, rows, 512], each normalised by its own sum
  float* partial_lse = nullptr;  ///< [num_slots, rows]
};

}  // namespace moesim
