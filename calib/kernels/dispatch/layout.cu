#include "calib/kernels/dispatch/layout.hpp"
#include "calib/kernels/launch.cuh"

namespace moesim {
namespace {

constexpr unsigned kAllLanes = 0xffffffffU;
constexpr int kWarpSize = 32;
constexpr int kThreads = LayoutShape::kCopiesPerTile;
constexpr int kWarps = kThreads / kWarpSize;
constexpr int kMaxExperts = 512;
constexpr int kMaxRanks = 512;
static_assert(kThreads >= kMaxExperts, "place_copies() scans experts with a thread for each");

/// The copy that this thread has in its tile, or -1.
__device__ int own_copy(const LayoutShape& shape) {
  const int in_tile = static_cast<int>(threadIdx.x);
  const int copy = static_cast<int>(blockIdx.x) * shape.copies_per_tile() + in_tile;
  return in_tile < shape.copies_per_tile() && copy < shape.num_copies() ? copy : -1;
}

/// The sum of `value` over the lanes up to this one.
__device__ int inclusive_sum(int value) {
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
#pragma unroll
  for (int step = 1; step < kWarpSize; step *= 2) {
    const int below = __shfl_up_sync(kAllLanes, value, step);
    if (lane >= step) value += below;
  }
  return value;
}

/// Whether no earlier copy of the same token goes to the same rank.
__device__ bool first_on_rank(const LayoutShape& shape, const int* chosen, int copy, int rank) {
  const int per_rank = shape.experts / shape.ranks;
  for (int other = copy - copy % shape.top_k; other < copy; ++other)
    if (chosen[other] / per_rank == rank) return false;
  return true;
}

/// Copies of each expert in each tile, and tokens to each rank. A block a tile.
__global__ void __launch_bounds__(kThreads) count_tiles(LayoutShape shape, LayoutArrays arrays) {
  __shared__ int expert_counts[kMaxExperts];
  __shared__ int rank_counts[kMaxRanks];
  for (int i = static_cast<int>(threadIdx.x); i < shape.experts; i += kThreads) expert_counts[i] = 0;
  for (int i = static_cast<int>(threadIdx.x); i < shape.ranks; i += kThreads) rank_counts[i] = 0;
  __syncthreads();
  const int copy = own_copy(shape);
  if (copy >= 0) {
    const int expert = arrays.chosen[copy];
    const int rank = expert / (shape.experts / shape.ranks);
    atomicAdd(&expert_counts[expert], 1);
    if (first_on_rank(shape, arrays.chosen, copy, rank)) atomicAdd(&rank_counts[rank], 1);
  }
  __syncthreads();
  for (int e = static_cast<int>(threadIdx.x); e < shape.experts; e += kThreads)
    arrays.tile_counts[static_cast<std::size_t>(e) * shape.num_tiles() + blockIdx.x] = expert_counts[e];
  for (int r = static_cast<int>(threadIdx.x); r < shape.ranks; r += kThreads)
    if (rank_counts[r] > 0) atomicAdd(&arrays.tokens_to_rank[r], rank_counts[r]);
}

/// Turns the tile counts of each expert into the copies in the tiles before, and sums them up. A warp an
/// expert.
__global__ void __launch_bounds__(kThreads) scan_tiles(LayoutShape shape, LayoutArrays arrays) {
  const int expert = static_cast<int>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.x) / kWarpSize;
  if (expert >= shape.experts) return;
  const int lane = static_cast<int>(threadIdx.x) % kWarpSize;
  const int tiles = shape.num_tiles();
  int* counts = arrays.tile_counts + static_cast<std::size_t>(expert) * tiles;
  int before = 0;
  for (int first = 0; first < tiles; first += kWarpSize) {
    const int tile = first + lane;
    const int count = tile < tiles ? counts[tile] : 0;
    const int sum = inclusive_sum(count);
    if (tile < tiles) counts[tile] = before + sum - count;
    before += __shfl_sync(kAllLanes, sum, kWarpSize - 1);
  }
  if (lane == 0) arrays.counts[expert] = before;
}

/// The first row of the block of the expert threadIdx.x, for threads below `experts`; every thread must call.
/// Also the number of rows of all blocks in `total`.
__device__ int block_start(const LayoutShape& shape, const int* counts, int* warp_sums, int& total) {
  const int e = static_cast<int>(threadIdx.x);
  const int count = e < shape.experts ? counts[e] : 0;
  const int rows = (count + shape.alignment - 1) / shape.alignment * shape.alignment;
  const int sum = inclusive_sum(rows);
  if (e % kWarpSize == kWarpSize - 1) warp_sums[e / kWarpSize] = sum;
  __syncthreads();
  int before = 0;
  total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; ++w) {
    if (w < e / kWarpSize) before += warp_sums[w];
    total += warp_sums[w];
  }
  return before + sum - rows;
}

/// The row of every copy of a tile: the start of its expert's block, plus the copies of the expert in earlier
/// tiles, in earlier warps and in lower lanes. `rows` is [kWarps, experts] in shared memory.
__global__ void __launch_bounds__(kThreads) place_copies(LayoutShape shape, LayoutArrays arrays) {
  int* rows = dynamic_shared<int>();
  __shared__ int warp_sums[kWarps];
  const int thread = static_cast<int>(threadIdx.x);
  const int warp = thread / kWarpSize;
  for (int i = thread; i < kWarps * shape.experts; i += kThreads) rows[i] = 0;
  int total = 0;
  const int start = block_start(shape, arrays.counts, warp_sums, total);
  __syncthreads();
  const int copy = own_copy(shape);
  const int expert = copy >= 0 ? arrays.chosen[copy] : -1;
  const unsigned alike = __match_any_sync(kAllLanes, expert);
  const unsigned below = alike & ((1U << (thread % kWarpSize)) - 1);
  if (copy >= 0 && below == 0) rows[warp * shape.experts + expert] = __popc(alike);
  __syncthreads();
  if (thread < shape.experts) {
    int next = start + arrays.tile_counts[static_cast<std::size_t>(thread) * shape.num_tiles() + blockIdx.x];
    for (int w = 0; w < kWarps; ++w) {
      const int count = rows[w * shape.experts + thread];
      rows[w * shape.experts + thread] = next;
      next += count;
    }
  }
  __syncthreads();
  if (copy >= 0) arrays.position[copy] = rows[warp * shape.experts + expert] + __popc(below);
  if (blockIdx.x > 0) return;
  if (thread < shape.experts) arrays.offsets[thread] = start;
  if (thread == 0) arrays.offsets[shape.experts] = total;
}

}  // namespace

const char* layout_refusal(const LayoutShape& shape) {
  if (shape.tokens < 1) return "at least one token";
  if (shape.top_k < 1 || shape.top_k > kWarpSize) return "top_k lies between 1 and 32";
  if (shape.experts < 1 || shape.experts > kMaxExperts) return "at most 512 experts";
  if (shape.ranks < 1 || shape.experts % shape.ranks != 0) return "every rank holds equally many experts";
  if (shape.alignment < 1) return "rows are aligned to at least one";
  if (static_cast<double>(shape.tokens) * shape.top_k + 512.0 * shape.alignment > 2e9)
    return "too many copies";
  return nullptr;
}

void launch_layout(const LayoutShape& shape, const LayoutArrays& arrays, cudaStream_t stream) {
  check(
      cudaMemsetAsync(arrays.tokens_to_rank, 0, sizeof(int) * static_cast<std::size_t>(shape.ranks), stream));
  start_kernel(count_tiles, shape.num_tiles(), kThreads, 0, stream, shape, arrays);
  start_kernel(scan_tiles, (shape.experts + kWarps - 1) / kWarps, kThreads, 0, stream, shape, arrays);
  const auto shared = sizeof(int) * static_cast<std::size_t>(kWarps * shape.experts);
  start_kernel(place_copies, shape.num_tiles(), kThreads, shared, stream, shape, arrays);
}

}  // namespace moesim
