#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "calib/kernels/expert_mlp/packed_row.hpp"

namespace moesim {

/// Tokens as dispatch hands them over: BF16, or E4M3 with scales [tokens, hidden / 128].
struct ReceivedTokens {
  const std::byte* elements = nullptr;
  const float* scales = nullptr;  ///< null in BF16
  int hidden = 0;                 ///< multiple of 128
};

/// Copies the token of each row, and its scales, to its slot in the operand of the first GEMM.
void pack_tokens(const ReceivedTokens& tokens, const PackedRow* rows, int num_rows, std::byte* packed,
                 float* packed_scales, cudaStream_t stream);

/// silu(gate) * up of BF16 rows [2 inter], gate first, into BF16 rows [inter].
void swiglu(const std::byte* gate_up, const PackedRow* rows, int num_rows, int inter, std::byte* out,
            cudaStream_t stream);
/// Into E4M3 rows with a scale of 1/448 of the largest number of every 128; `inter` a multiple of 128.
void swiglu_quantise(const std::byte* gate_up, const PackedRow* rows, int num_rows, int inter, std::byte* out,
                     float* scales, cudaStream_t stream);

}  // namespace moesim
