#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>
#include <nccl.h>
#include <nccl_device.h>

#include <cstddef>

#include "calib/kernels/collectives/row_format.hpp"
#include "calib/measure/token_layout.hpp"

namespace moesim {

/// Threads of a block; few where blocks are emulated on the host.
#ifdef MOESIM_EMULATED_BLOCKS
inline constexpr int kExchangeThreads = 64;
#else
inline constexpr int kExchangeThreads = 1024;
#endif

/// The tokens of this rank and where their copies go; arrays lie on the device. All kernels over it start and
/// end with a barrier over all ranks, a block with its twins: before, so that no rank writes what another
/// still reads; behind, so that what was sent is there when the kernel has ended. `blocks` must be the same
/// on every rank and at most kMaxExchangeBlocks, and all blocks must find room on the GPU at once.
struct TokenExchange {
  ncclWindow_t window = nullptr;        ///< rows of RowFormat::bytes() each, from its start on
  const CopyTarget* targets = nullptr;  ///< [tokens, top_k]
  const int* counts = nullptr;          ///< rows that go to each rank, [ranks, counts_per_rank]
  int counts_per_rank = 1;              ///< 1, or the experts of a rank
  std::size_t counts_offset = 0;        ///< in the window: where [counts_per_rank, ranks] numbers arrive
  int tokens = 0;
  int top_k = 8;
  RowFormat format;
};

/// Copies every token's row ([tokens, format.bytes()]) to its targets, and the counts to the receivers.
/// Asynchronous, as the others; throws CudaError where the launch fails.
void launch_dispatch_rows(const ncclDevComm& comm, const TokenExchange& exchange, const void* rows,
                          int blocks, cudaStream_t stream);

/// The same from BF16 tokens [tokens, hidden], quantised on the way: scale = max(|x|) / 448 of 128
/// neighbours. The header of a row holds the token's number and the rank it comes from.
void launch_dispatch_quantised(const ncclDevComm& comm, const TokenExchange& exchange,
                               const __nv_bfloat16* tokens, int blocks, cudaStream_t stream);

/// The way back: each token's sum over its targets of weight times the row (BF16) that lies there, in FP32 in
/// the order of the targets. `weights` is [tokens, top_k], or null where the rows carry them already; `sums`
/// is [tokens, hidden].
void launch_combine(const ncclDevComm& comm, const TokenExchange& exchange, const float* weights,
                    __nv_bfloat16* sums, int blocks, cudaStream_t stream);

}  // namespace moesim
