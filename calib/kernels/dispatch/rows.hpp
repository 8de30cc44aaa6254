#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// Elements that share one scale, along the row.
inline constexpr int kQuantBlock = 128;
/// The greatest E4M3 number.
inline constexpr float kMaxE4m3 = 448.0F;
/// Blocks with nothing larger than this are scaled as if they had it, so that no scale is 0.
inline constexpr float kLeastAmax = 1e-4F;

/// Tokens with `columns` elements each, and where their copies go: copy k of token t to the row
/// position[t * top_k + k].
struct RowCopies {
  int tokens = 0;
  int columns = 0;  ///< a multiple of 128
  int top_k = 8;
  const int* position = nullptr;  ///< [tokens, top_k]
};

/// Packs tokens by expert: every token is read once and written `top_k` times. Asynchronous, as the others.
void launch_permute(const RowCopies& copies, const __nv_bfloat16* tokens, __nv_bfloat16* rows, int num_sms,
                    cudaStream_t stream);

/// The same with every block of 128 elements quantised on the way: scale = max(|x|) / 448 and
/// q = x * (448 / max(|x|)) rounded to E4M3. `rows` [rows, columns], `scales` [rows, columns / 128].
void launch_quantise_permute(const RowCopies& copies, const __nv_bfloat16* tokens, std::uint8_t* rows,
                             float* scales, int num_sms, cudaStream_t stream);

/// The weighted sum of the rows of each token, in FP32 in the order of k: tokens [tokens, columns].
/// `weights` [tokens, top_k].
void launch_unpermute(const RowCopies& copies, const __nv_bfloat16* rows, const float* weights,
                      __nv_bfloat16* tokens, int num_sms, cudaStream_t stream);

}  // namespace moesim
