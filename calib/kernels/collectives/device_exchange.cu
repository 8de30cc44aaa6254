#include "calib/kernels/collectives/device_exchange.hpp"

#include "calib/kernels/dispatch/quantise_lanes.cuh"
#include "calib/kernels/dispatch/weighted_sum.cuh"
#include "calib/kernels/launch.cuh"

namespace moesim {
namespace {

constexpr int kWarpSize = 32;
constexpr int kThreads = kExchangeThreads;
constexpr int kWarps = kThreads / kWarpSize;

using BlockBarrier = ncclLsaBarrierSession<ncclCoopCta>;

/// Waits for this block's twins on every rank. What any thread of them wrote before is visible after.
__device__ void meet(BlockBarrier& barrier) {
  barrier.sync(ncclCoopCta(), cuda::memory_order_acq_rel);
}

__device__ unsigned char* row_of(const TokenExchange& exchange, const CopyTarget& target) {
  const std::size_t offset = static_cast<std::size_t>(target.row) * exchange.format.bytes();
  return static_cast<unsigned char*>(ncclGetLsaPointer(exchange.window, offset, target.rank));
}

/// Block 0 tells every rank how many rows it gets from here.
__device__ void send_counts(const ncclDevComm& comm, const TokenExchange& exchange) {
  if (blockIdx.x > 0) return;
  const int per_rank = exchange.counts_per_rank;
  for (int i = static_cast<int>(threadIdx.x); i < comm.lsaSize * per_rank; i += kThreads) {
    const auto slot = static_cast<std::size_t>(i % per_rank * comm.lsaSize + comm.lsaRank);
    void* place =
        ncclGetLsaPointer(exchange.window, exchange.counts_offset + slot * sizeof(int), i / per_rank);
    *static_cast<int*>(place) = exchange.counts[i];
  }
}

/// Pieces of tokens that the warps of all blocks take in turn.
struct PieceLoop {
  int per_token;
  long long next = static_cast<long long>(blockIdx.x) * kWarps + threadIdx.x / kWarpSize;
  __device__ bool below(int tokens) const { return next < static_cast<long long>(tokens) * per_token; }
  __device__ int token() const { return static_cast<int>(next / per_token); }
  __device__ int piece() const { return static_cast<int>(next % per_token); }
  __device__ void advance() { next += static_cast<long long>(gridDim.x) * kWarps; }
};

constexpr int kCopyVectors = 4;  ///< 16-byte loads in flight a lane

__global__ void __launch_bounds__(kThreads, 1)
    dispatch_rows(ncclDevComm comm, TokenExchange exchange, const uint4* __restrict__ rows) {
  BlockBarrier barrier(ncclCoopCta(), comm, ncclTeamTagLsa(), blockIdx.x);
  meet(barrier);
  send_counts(comm, exchange);
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int vectors = exchange.format.vectors();
  PieceLoop loop{(vectors + kCopyVectors * kWarpSize - 1) / (kCopyVectors * kWarpSize)};
  for (; loop.below(exchange.tokens); loop.advance()) {
    const auto token = static_cast<std::size_t>(loop.token());
    const int first = loop.piece() * (kCopyVectors * kWarpSize) + lane;
    uint4 values[kCopyVectors];
#pragma unroll
    for (int i = 0; i < kCopyVectors; ++i)
      if (first + i * kWarpSize < vectors) values[i] = rows[token * vectors + first + i * kWarpSize];
    for (int k = 0; k < exchange.top_k; ++k) {
      const CopyTarget target = exchange.targets[token * exchange.top_k + k];
      if (target.rank < 0) break;
      uint4* out = reinterpret_cast<uint4*>(row_of(exchange, target));
#pragma unroll
      for (int i = 0; i < kCopyVectors; ++i)
        if (first + i * kWarpSize < vectors) out[first + i * kWarpSize] = values[i];
    }
  }
  meet(barrier);
}

constexpr int kLaneElements = 16;  ///< elements that a lane quantises
constexpr int kPieceElements = kLaneElements * kWarpSize;

__global__ void __launch_bounds__(kThreads, 1)
    dispatch_quantised(ncclDevComm comm, TokenExchange exchange, const uint4* __restrict__ tokens) {
  BlockBarrier barrier(ncclCoopCta(), comm, ncclTeamTagLsa(), blockIdx.x);
  meet(barrier);
  send_counts(comm, exchange);
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int units = exchange.format.hidden / kLaneElements;
  PieceLoop loop{exchange.format.hidden / kPieceElements};
  for (; loop.below(exchange.tokens); loop.advance()) {
    const auto token = static_cast<std::size_t>(loop.token());
    const int unit = loop.piece() * kWarpSize + lane;
    const uint4 raw[2] = {tokens[(token * units + unit) * 2], tokens[(token * units + unit) * 2 + 1]};
    const QuantisedLane quantised = quantise_lane(raw);
    for (int k = 0; k < exchange.top_k; ++k) {
      const CopyTarget target = exchange.targets[token * exchange.top_k + k];
      if (target.rank < 0) break;
      unsigned char* row = row_of(exchange, target);
      reinterpret_cast<uint4*>(row)[unit] = quantised.codes;
      if (unit % 8 == 0)
        reinterpret_cast<float*>(row + exchange.format.scale_offset())[unit / 8] = quantised.scale;
      if (unit == 0) {
        *reinterpret_cast<uint4*>(row + exchange.format.header_offset()) =
            make_uint4(static_cast<unsigned>(token), static_cast<unsigned>(comm.lsaRank), 0, 0);
      }
    }
  }
  meet(barrier);
}

constexpr int kReadAhead = 4;  ///< rows of a token in flight a lane

__global__ void __launch_bounds__(kThreads, 1)
    combine_rows(ncclDevComm comm, TokenExchange exchange, const float* __restrict__ weights,
                 uint4* __restrict__ sums) {
  BlockBarrier barrier(ncclCoopCta(), comm, ncclTeamTagLsa(), blockIdx.x);
  meet(barrier);
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int vectors = exchange.format.vectors();
  PieceLoop loop{(vectors + kWarpSize - 1) / kWarpSize};
  for (; loop.below(exchange.tokens); loop.advance()) {
    const auto token = static_cast<std::size_t>(loop.token());
    const int vector = loop.piece() * kWarpSize + lane;
    if (vector >= vectors) continue;
    float sum[8] = {};
    for (int first = 0; first < exchange.top_k; first += kReadAhead) {
      uint4 values[kReadAhead];
      bool is_there[kReadAhead];
#pragma unroll
      for (int i = 0; i < kReadAhead; ++i) {
        const std::size_t copy = token * exchange.top_k + first + i;
        const CopyTarget target = first + i < exchange.top_k ? exchange.targets[copy] : CopyTarget{};
        is_there[i] = target.rank >= 0;
        if (is_there[i]) values[i] = reinterpret_cast<const uint4*>(row_of(exchange, target))[vector];
      }
#pragma unroll
      for (int i = 0; i < kReadAhead; ++i) {
        if (is_there[i])
          add_weighted(sum, values[i], weights ? weights[token * exchange.top_k + first + i] : 1.0F);
      }
    }
    sums[token * vectors + vector] = rounded(sum);
  }
  meet(barrier);
}

}  // namespace

void launch_dispatch_rows(const ncclDevComm& comm, const TokenExchange& exchange, const void* rows,
                          int blocks, cudaStream_t stream) {
  start_kernel(dispatch_rows, blocks, kThreads, 0, stream, comm, exchange, static_cast<const uint4*>(rows));
}

void launch_dispatch_quantised(const ncclDevComm& comm, const TokenExchange& exchange,
                               const __nv_bfloat16* tokens, int blocks, cudaStream_t stream) {
  start_kernel(dispatch_quantised, blocks, kThreads, 0, stream, comm, exchange,
               reinterpret_cast<const uint4*>(tokens));
}

void launch_combine(const ncclDevComm& comm, const TokenExchange& exchange, const float* weights,
                    __nv_bfloat16* sums, int blocks, cudaStream_t stream) {
  start_kernel(combine_rows, blocks, kThreads, 0, stream, comm, exchange, weights,
               reinterpret_cast<uint4*>(sums));
}

}  // namespace moesim
