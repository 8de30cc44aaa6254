#include <algorithm>
#include <climits>

#include "calib/kernels/dispatch/gate.hpp"
#include "calib/kernels/dispatch/order_key.hpp"
#include "calib/kernels/launch.cuh"

namespace moesim {
namespace {

constexpr unsigned kAllLanes = 0xffffffffU;
constexpr int kWarpSize = 32;
constexpr int kWarpsPerBlock = 8;

__device__ std::uint32_t key_of(float value) {
  return order_key(__float_as_uint(value));
}
__device__ float value_of(std::uint32_t key) {
  return __uint_as_float(bits_of_key(key));
}

/// The sum of the two largest values of the warp, each lane giving the keys of `kCount` of them. The same on
/// every lane.
template <int kCount>
__device__ float sum_of_two_largest(const std::uint32_t (&keys)[kCount]) {
  std::uint32_t first = kNoKey;
  std::uint32_t second = kNoKey;
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    second = max(second, min(first, keys[i]));
    first = max(first, keys[i]);
  }
  const std::uint32_t best = __reduce_max_sync(kAllLanes, first);
  const unsigned holders = __ballot_sync(kAllLanes, first == best);
  const bool gives_second = static_cast<int>(threadIdx.x % kWarpSize) == __ffs(static_cast<int>(holders)) - 1;
  const std::uint32_t next = __reduce_max_sync(kAllLanes, gives_second ? second : first);
  return value_of(best) + value_of(next);
}

/// Takes the keys of all groups but the best `kept` out of the choice. Key i of a lane belongs to group
/// i / kPerGroup.
template <int kPerLane, int kPerGroup>
__device__ void drop_groups(std::uint32_t (&keys)[kPerLane], int kept) {
  constexpr int kGroups = kPerLane / kPerGroup;
  float scores[kGroups];
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    std::uint32_t own[kPerGroup];
#pragma unroll
    for (int i = 0; i < kPerGroup; ++i) own[i] = keys[g * kPerGroup + i];
    scores[g] = sum_of_two_largest(own);
  }
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    int better = 0;
#pragma unroll
    for (int h = 0; h < kGroups; ++h)
      better += (scores[h] > scores[g] || (scores[h] == scores[g] && h < g)) ? 1 : 0;
    if (better >= kept) {
#pragma unroll
      for (int i = 0; i < kPerGroup; ++i) keys[g * kPerGroup + i] = kNoKey;
    }
  }
}

/// The expert with the greatest key of the warp, the lowest of equals, and its score; its key is taken out.
template <int kPerLane>
__device__ int take_best(std::uint32_t (&keys)[kPerLane], const float (&scores)[kPerLane], float& score) {
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  std::uint32_t own = keys[0];
  int own_expert = lane;
#pragma unroll
  for (int i = 1; i < kPerLane; ++i) {
    if (keys[i] > own) {
      own = keys[i];
      own_expert = i * kWarpSize + lane;
    }
  }
  const std::uint32_t best = __reduce_max_sync(kAllLanes, own);
  const unsigned candidate = own == best ? static_cast<unsigned>(own_expert) : UINT_MAX;
  const int expert = static_cast<int>(__reduce_min_sync(kAllLanes, candidate));
  float own_score = 0;
#pragma unroll
  for (int i = 0; i < kPerLane; ++i) {
    if (i * kWarpSize + lane == expert) {
      own_score = scores[i];
      keys[i] = kNoKey;
    }
  }
  score = __shfl_sync(kAllLanes, own_score, expert % kWarpSize);
  return expert;
}

/// Expert i * 32 + lane is element i of a lane, so loads of a warp are contiguous.
template <int kPerLane, int kPerGroup>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarpSize, 4)
    gate_kernel(GateShape shape, const float* __restrict__ logits, const float* __restrict__ bias, int tokens,
                int* __restrict__ experts, float* __restrict__ weights) {
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int first = static_cast<int>(blockIdx.x * kWarpsPerBlock + threadIdx.x / kWarpSize);
  float own_bias[kPerLane];
#pragma unroll
  for (int i = 0; i < kPerLane; ++i) own_bias[i] = bias[i * kWarpSize + lane];
  for (int t = first; t < tokens; t += static_cast<int>(gridDim.x) * kWarpsPerBlock) {
    const float* row = logits + static_cast<std::size_t>(t) * (kPerLane * kWarpSize);
    float scores[kPerLane];
    std::uint32_t keys[kPerLane];
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) scores[i] = row[i * kWarpSize + lane];
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) {
      scores[i] = 1.0F / (1.0F + expf(-scores[i]));
      keys[i] = key_of(scores[i] + own_bias[i]);
    }
    if (kPerGroup < kPerLane) drop_groups<kPerLane, kPerGroup>(keys, shape.kept_groups);
    int own_expert = 0;
    float own_score = 0;
    float sum = 0;
    for (int k = 0; k < shape.top_k; ++k) {
      float score = 0;
      const int expert = take_best<kPerLane>(keys, scores, score);
      sum += score;
      if (lane == k) {
        own_expert = expert;
        own_score = score;
      }
    }
    if (lane < shape.top_k) {
      const std::size_t at = static_cast<std::size_t>(t) * static_cast<std::size_t>(shape.top_k) + lane;
      experts[at] = own_expert;
      weights[at] = own_score / sum * static_cast<float>(shape.scale);
    }
  }
}

using GateKernel = void (*)(GateShape, const float*, const float*, int, int*, float*);

/// The shapes that are compiled.
struct GateVariant {
  int experts;
  int groups;
  GateKernel kernel;
};

constexpr GateVariant kVariants[] = {
    {64, 1, gate_kernel<2, 2>},    {128, 1, gate_kernel<4, 4>}, {128, 4, gate_kernel<4, 1>},
    {256, 1, gate_kernel<8, 8>},   {256, 4, gate_kernel<8, 2>}, {256, 8, gate_kernel<8, 1>},
    {384, 1, gate_kernel<12, 12>},
};

GateKernel find_kernel(const GateShape& shape) {
  for (const GateVariant& variant : kVariants)
    if (variant.experts == shape.experts && variant.groups == shape.groups) return variant.kernel;
  return nullptr;
}

}  // namespace

const char* gate_refusal(const GateShape& shape) {
  if (!find_kernel(shape))
    return "the gate kernel is compiled for 64, 128, 256 or 384 experts (1, 4 or 8 groups)";
  if (shape.top_k < 1 || shape.top_k > kWarpSize) return "top_k lies between 1 and 32";
  if (shape.kept_groups < 1 || shape.kept_groups > shape.groups) return "kept groups are 1 to all";
  if (shape.kept_groups * (shape.experts / shape.groups) < shape.top_k)
    return "kept groups hold fewer experts";
  return nullptr;
}

void launch_gate(const GateShape& shape, const float* logits, const float* bias, int tokens, int* experts,
                 float* weights, int num_sms, cudaStream_t stream) {
  const int blocks = std::min((tokens + kWarpsPerBlock - 1) / kWarpsPerBlock, num_sms * 8);
  start_kernel(find_kernel(shape), blocks, kWarpsPerBlock * kWarpSize, 0, stream, shape, logits, bias, tokens,
               experts, weights);
}

}  // namespace moesim
