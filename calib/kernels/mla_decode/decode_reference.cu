// The output of sampled rows in FP64, a block for each, and NaN behind the ends of sequences.

#include <cmath>

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/mla_decode/decode_kernels.hpp"

namespace moesim {
namespace {

constexpr int kThreads = 256;

__device__ const __nv_bfloat16* token_at(const DecodeParams& params, int sequence, int token) {
  const int page =
      params.block_table[static_cast<long long>(sequence) * params.table_stride + token / kPageTokens];
  return params.cache + (static_cast<long long>(page) * kPageTokens + token % kPageTokens) * kDecodeKeyDim;
}

__device__ double score_of(const DecodeParams& params, const SampledRow& at, int token) {
  const long long line = static_cast<long long>(at.sequence) * params.shape.rows() + at.row;
  const __nv_bfloat16* query = params.query + line * kDecodeKeyDim;
  const __nv_bfloat16* key = token_at(params, at.sequence, token);
  double sum = 0;
  for (int i = 0; i < kDecodeKeyDim; ++i)
    sum += static_cast<double>(__bfloat162float(query[i])) * static_cast<double>(__bfloat162float(key[i]));
  return sum * static_cast<double>(params.scale);
}

/// Sum or maximum of one value a thread, for all threads.
__device__ double reduce(double value, bool largest) {
  __shared__ double values[kThreads];
  values[threadIdx.x] = value;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      const double other = values[threadIdx.x + half];
      values[threadIdx.x] = largest ? fmax(values[threadIdx.x], other) : values[threadIdx.x] + other;
    }
    __syncthreads();
  }
  const double result = values[0];
  __syncthreads();
  return result;
}

/// scores: [num_samples, longest] scratch.
__global__ void reference_kernel(const DecodeParams params, const SampledRow* samples, double* scores,
                                 int longest, double* out, double* lse) {
  const SampledRow at = samples[blockIdx.x];
  const int unseen = params.shape.queries - 1 - at.row / params.shape.heads;
  const int visible = max(params.lengths[at.sequence] - unseen, 0);
  double* mine = scores + static_cast<long long>(blockIdx.x) * longest;
  double largest = -INFINITY;
  for (int token = static_cast<int>(threadIdx.x); token < visible; token += kThreads) {
    mine[token] = score_of(params, at, token);
    largest = fmax(largest, mine[token]);
  }
  largest = reduce(largest, true);
  double sum = 0;
  for (int token = static_cast<int>(threadIdx.x); token < visible; token += kThreads) {
    mine[token] = exp(mine[token] - largest);
    sum += mine[token];
  }
  sum = reduce(sum, false);
  for (int column = static_cast<int>(threadIdx.x); column < kDecodeValueDim; column += kThreads) {
    double value = 0;
    for (int token = 0; token < visible; ++token)
      value +=
          mine[token] * static_cast<double>(__bfloat162float(token_at(params, at.sequence, token)[column]));
    out[static_cast<long long>(blockIdx.x) * kDecodeValueDim + column] = visible > 0 ? value / sum : 0.0;
  }
  if (threadIdx.x == 0) lse[blockIdx.x] = visible > 0 ? log(sum) + largest : -INFINITY;
}

__global__ void poison_kernel(const DecodeParams params, __nv_bfloat16* cache) {
  const int sequence = static_cast<int>(blockIdx.x);
  const int length = params.lengths[sequence];
  if (length <= 0 || length % kPageTokens == 0) return;
  const __nv_bfloat16* last = token_at(params, sequence, length - 1);
  const long long first = last - params.cache + kDecodeKeyDim;
  const int count = (kPageTokens - length % kPageTokens) * kDecodeKeyDim;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads)
    cache[first + i] = __ushort_as_bfloat16(0x7fff);
}

}  // namespace

DecodeReference reference_decode(const DecodeParams& params, std::span<const SampledRow> samples,
                                 int longest) {
  const DeviceBuffer<SampledRow> rows(samples);
  DeviceBuffer<double> scores(samples.size() * static_cast<std::size_t>(longest + 1));
  DeviceBuffer<double> out(samples.size() * kDecodeValueDim);
  DeviceBuffer<double> lse(samples.size());
  reference_kernel<<<static_cast<unsigned>(samples.size()), kThreads>>>(params, rows.data(), scores.data(),
                                                                        longest, out.data(), lse.data());
  check(cudaGetLastError());
  check(cudaDeviceSynchronize());
  return {out.download(), lse.download()};
}

void poison_cache_tails(const DecodeParams& params, __nv_bfloat16* cache, cudaStream_t stream) {
  poison_kernel<<<static_cast<unsigned>(params.shape.batch), kThreads, 0, stream>>>(params, cache);
  check(cudaGetLastError());
}

}  // namespace moesim
