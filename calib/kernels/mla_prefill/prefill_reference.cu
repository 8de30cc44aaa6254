// Attention and its gradients in FP64, plainly: a block for each sampled query, or for each key of a sample.

#include <algorithm>
#include <cmath>

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/mla_prefill/prefill_reference.hpp"

namespace moesim {
namespace {

constexpr int kThreads = 256;
constexpr int kRowsAtOnce = 1024;  // queries whose weights are held at a time

__device__ double dot(const __nv_bfloat16* x, const __nv_bfloat16* y, int size) {
  double sum = 0;
  for (int i = 0; i < size; ++i)
    sum += static_cast<double>(__bfloat162float(x[i])) * static_cast<double>(__bfloat162float(y[i]));
  return sum;
}

/// Row of a token of a head in [length, heads, columns].
__device__ const __nv_bfloat16* row_of(const PrefillParams& params, const __nv_bfloat16* tensor,
                                       TokenOfHead at, int columns) {
  return tensor + (static_cast<long long>(at.token) * params.heads + at.head) * columns;
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

/// weights: [num_samples, length], 0 behind the query; out: [num_samples, 128].
__global__ void weights_kernel(const PrefillParams params, const TokenOfHead* samples, double* weights,
                               double* out, double* lse) {
  const TokenOfHead at = samples[blockIdx.x];
  double* mine = weights + static_cast<long long>(blockIdx.x) * params.length;
  const __nv_bfloat16* query = row_of(params, params.query, at, kPrefillKeyDim);
  double largest = -INFINITY;
  for (int key = static_cast<int>(threadIdx.x); key <= at.token; key += kThreads) {
    mine[key] = static_cast<double>(params.scale) *
                dot(query, row_of(params, params.key, {at.head, key}, kPrefillKeyDim), kPrefillKeyDim);
    largest = fmax(largest, mine[key]);
  }
  largest = reduce(largest, true);
  double sum = 0;
  for (int key = static_cast<int>(threadIdx.x); key <= at.token; key += kThreads)
    sum += exp(mine[key] - largest);
  const double log_sum = log(reduce(sum, false)) + largest;
  for (int key = static_cast<int>(threadIdx.x); key < params.length; key += kThreads)
    mine[key] = key <= at.token ? exp(mine[key] - log_sum) : 0.0;
  __syncthreads();
  for (int column = static_cast<int>(threadIdx.x); column < kPrefillValueDim; column += kThreads) {
    double value = 0;
    for (int key = 0; key <= at.token; ++key) {
      const __nv_bfloat16* row = row_of(params, params.value, {at.head, key}, kPrefillValueDim);
      value += mine[key] * static_cast<double>(__bfloat162float(row[column]));
    }
    out[static_cast<long long>(blockIdx.x) * kPrefillValueDim + column] = value;
  }
  if (threadIdx.x == 0) lse[blockIdx.x] = log_sum;
}

/// gradients: [num_samples, length] of the scores before scaling by `scale`.
__global__ void score_gradient_kernel(const PrefillParams params, const TokenOfHead* samples,
                                      const double* weights, double* gradients) {
  const TokenOfHead at = samples[blockIdx.x];
  const long long first = static_cast<long long>(blockIdx.x) * params.length;
  const __nv_bfloat16* out_gradient = row_of(params, params.out_gradient, at, kPrefillValueDim);
  const __nv_bfloat16* out = row_of(params, params.out, at, kPrefillValueDim);
  double delta = 0;
  for (int column = static_cast<int>(threadIdx.x); column < kPrefillValueDim; column += kThreads) {
    delta += static_cast<double>(__bfloat162float(out_gradient[column])) *
             static_cast<double>(__bfloat162float(out[column]));
  }
  delta = reduce(delta, false);
  for (int key = static_cast<int>(threadIdx.x); key < params.length; key += kThreads) {
    const __nv_bfloat16* value = row_of(params, params.value, {at.head, key}, kPrefillValueDim);
    const double weight = weights[first + key];
    gradients[first + key] = weight == 0 ? 0.0
                                         : static_cast<double>(params.scale) * weight *
                                               (dot(out_gradient, value, kPrefillValueDim) - delta);
  }
}

/// Adds to [num_rows, columns] the sum over `count` others of factor times the other's row of `tensor`. Row r
/// of the result belongs to rows[r]; the factors of its other i are at factors[rows[r] * row_step + i *
/// step].
__global__ void accumulate_kernel(const PrefillParams params, const __nv_bfloat16* tensor, int columns,
                                  int head, const double* factors, const int* rows, long long row_step,
                                  long long step, int first_other, int count, double* result) {
  const int row = rows[blockIdx.x];
  if (row < 0) return;
  for (int column = static_cast<int>(threadIdx.x); column < columns; column += kThreads) {
    double sum = 0;
    for (int i = 0; i < count; ++i) {
      const double factor = factors[row * row_step + i * step];
      if (factor == 0) continue;
      const __nv_bfloat16* other = row_of(params, tensor, {head, first_other + i}, columns);
      sum += factor * static_cast<double>(__bfloat162float(other[column]));
    }
    result[static_cast<long long>(blockIdx.x) * columns + column] += sum;
  }
}

/// Weights and outputs of a list of queries, on the device.
struct Rows {
  Rows(const PrefillParams& params, std::span<const TokenOfHead> list)
      : samples(list),
        weights(list.size() * static_cast<std::size_t>(params.length)),
        out(list.size() * kPrefillValueDim),
        lse(list.size()) {
    weights_kernel<<<static_cast<unsigned>(list.size()), kThreads>>>(params, samples.data(), weights.data(),
                                                                     out.data(), lse.data());
    check(cudaGetLastError());
  }
  DeviceBuffer<TokenOfHead> samples;
  DeviceBuffer<double> weights;
  DeviceBuffer<double> out;
  DeviceBuffer<double> lse;
};

/// Sums in FP64 for the sampled tokens, on the device.
struct Sums {
  Sums(std::size_t num_samples, int columns) : values(num_samples * static_cast<std::size_t>(columns)) {
    values.fill_bytes(0);
  }
  DeviceBuffer<double> values;
};

/// The sampled tokens as rows of a chunk of queries that starts at `first`; -1 for those outside.
DeviceBuffer<int> rows_in_chunk(std::span<const int> tokens, int first, int count) {
  std::vector<int> rows(tokens.begin(), tokens.end());
  for (int& row : rows) row = row >= first && row < first + count ? row - first : -1;
  return DeviceBuffer<int>(std::span<const int>(rows));
}

}  // namespace

ForwardReference reference_forward(const PrefillParams& params, std::span<const TokenOfHead> samples) {
  const Rows rows(params, samples);
  check(cudaDeviceSynchronize());
  return {rows.out.download(), rows.lse.download()};
}

BackwardReference reference_backward(const PrefillParams& params, int head, std::span<const int> tokens) {
  Sums query(tokens.size(), kPrefillKeyDim);
  Sums key(tokens.size(), kPrefillKeyDim);
  Sums value(tokens.size(), kPrefillValueDim);
  const DeviceBuffer<int> keys(tokens);
  const auto num_samples = static_cast<unsigned>(tokens.size());
  const long long length = params.length;
  for (int first = 0; first < params.length; first += kRowsAtOnce) {
    const int count = std::min(kRowsAtOnce, params.length - first);
    std::vector<TokenOfHead> chunk;
    for (int i = 0; i < count; ++i) chunk.push_back({head, first + i});
    const Rows rows(params, chunk);
    DeviceBuffer<double> gradients(static_cast<std::size_t>(count * length));
    score_gradient_kernel<<<static_cast<unsigned>(count), kThreads>>>(params, rows.samples.data(),
                                                                      rows.weights.data(), gradients.data());
    const DeviceBuffer<int> queries = rows_in_chunk(tokens, first, count);
    accumulate_kernel<<<num_samples, kThreads>>>(params, params.key, kPrefillKeyDim, head, gradients.data(),
                                                 queries.data(), length, 1, 0, params.length,
                                                 query.values.data());
    accumulate_kernel<<<num_samples, kThreads>>>(params, params.query, kPrefillKeyDim, head, gradients.data(),
                                                 keys.data(), 1, length, first, count, key.values.data());
    accumulate_kernel<<<num_samples, kThreads>>>(params, params.out_gradient, kPrefillValueDim, head,
                                                 rows.weights.data(), keys.data(), 1, length, first, count,
                                                 value.values.data());
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
  }
  return {query.values.download(), key.values.download(), value.values.download()};
}

}  // namespace moesim
