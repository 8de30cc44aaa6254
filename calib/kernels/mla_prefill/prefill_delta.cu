// delta = sum over the columns of out times its gradient: a warp for each token of a head.

#include "calib/kernels/attention/mma_sync.cuh"
#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_prefill/prefill_backward.hpp"

namespace moesim {
namespace {

constexpr int kThreads = 256;

__global__ void prefill_delta_kernel(const __grid_constant__ PrefillParams params) {
  const long long line = (static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  if (line >= static_cast<long long>(params.length) * params.heads) return;  // the whole warp
  const auto* out = reinterpret_cast<const __nv_bfloat162*>(params.out + line * kPrefillValueDim);
  const auto* gradient =
      reinterpret_cast<const __nv_bfloat162*>(params.out_gradient + line * kPrefillValueDim);
  float sum = 0;
#pragma unroll
  for (int i = lane; i < kPrefillValueDim / 2; i += 32) {
    const float2 x = __bfloat1622float2(out[i]);
    const float2 y = __bfloat1622float2(gradient[i]);
    sum += x.x * y.x + x.y * y.y;
  }
#pragma unroll
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  const long long token = line / params.heads;
  const long long head = line % params.heads;
  if (lane == 0) params.delta[head * params.length + token] = sum;
}

}  // namespace

void launch_prefill_delta(const PrefillParams& params, cudaStream_t stream) {
  const long long lines = static_cast<long long>(params.length) * params.heads;
  const long long blocks = (lines * 32 + kThreads - 1) / kThreads;
  prefill_delta_kernel<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(params);
  check(cudaGetLastError());
}

void launch_prefill_backward(const PrefillParams& params, cudaStream_t stream) {
  launch_prefill_delta(params, stream);
  launch_prefill_key_value_gradient(params, stream);
  launch_prefill_query_gradient(params, stream);
}

}  // namespace moesim
