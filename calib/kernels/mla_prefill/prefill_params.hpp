#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

namespace moesim {

// Attention of a prompt before absorption: each head has its own keys of 192 (128 and 64 rotary) and values
// of 128 elements, and a token sees itself and all before it.
inline constexpr int kPrefillKeyDim = 192;
inline constexpr int kPrefillValueDim = 128;

/// Buffers of one call on the device. Rows of a head are `heads` rows apart.
struct PrefillParams {
  int length = 0;
  int heads = 0;
  float scale = 0;                       ///< of the scores, before the exponential
  const __nv_bfloat16* query = nullptr;  ///< [length, heads, 192]
  const __nv_bfloat16* key = nullptr;    ///< [length, heads, 192]
  const __nv_bfloat16* value = nullptr;  ///< [length, heads, 128]
  __nv_bfloat16* out = nullptr;          ///< [length, heads, 128]
  float* lse = nullptr;                  ///< [heads, length] natural log of the sum

  // Backward alone; `out` and `lse` are read.
  const __nv_bfloat16* out_gradient = nullptr;  ///< [length, heads, 128]
  float* delta = nullptr;                       ///< [heads, length] scratch: out times out_gradient
  __nv_bfloat16* query_gradient = nullptr;      ///< [length, heads, 192]
  __nv_bfloat16* key_gradient = nullptr;        ///< [length, heads, 192]
  __nv_bfloat16* value_gradient = nullptr;      ///< [length, heads, 128]
};

// The portable kernels (mma.sync, ldmatrix, cp.async: sm_80 and later).
void launch_prefill_forward(const PrefillParams& params, cudaStream_t stream);
/// delta, then the gradients of keys and values, then that of queries; no atomics, so results repeat bit by
/// bit.
void launch_prefill_backward(const PrefillParams& params, cudaStream_t stream);

}  // namespace moesim
