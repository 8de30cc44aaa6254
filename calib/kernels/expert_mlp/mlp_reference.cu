#include "calib/kernels/expert_mlp/mlp_reference.hpp"

#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "calib/kernels/device_buffer.hpp"

namespace moesim {

namespace {

constexpr int kThreads = 128;

template <class T>
__device__ double to_double(T value) {
  return static_cast<double>(static_cast<float>(value));
}

template <class T>
__device__ double weight(const ReferenceSide& side, int row, int column) {
  const double value = to_double(static_cast<const T*>(side.data)[side.layout.index(row, column)]);
  return side.scales == nullptr ? value : value * side.scales[side.layout.scales.index(row, column)];
}

template <class T>
__device__ double token_value(const ReceivedTokens& tokens, std::int64_t token, int column) {
  const double value = to_double(reinterpret_cast<const T*>(tokens.elements)[token * tokens.hidden + column]);
  const int blocks = tokens.hidden / kScaleBlock;
  return tokens.scales == nullptr ? value : value * tokens.scales[token * blocks + column / kScaleBlock];
}

/// The sum over the threads of the block, for thread 0.
__device__ double block_sum(double value) {
  __shared__ double sums[kThreads];
  __syncthreads();
  sums[threadIdx.x] = value;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  return sums[0];
}

/// activations[samples, inter]; blockIdx is (column of inter, sample).
template <class T>
__global__ void activation_kernel(ReceivedTokens tokens, const MlpSample* samples, int inter,
                                  double* activations) {
  const MlpSample sample = samples[blockIdx.y];
  const int column = blockIdx.x;
  double gate = 0;
  double up = 0;
  for (int p = threadIdx.x; p < tokens.hidden; p += kThreads) {
    const double x = token_value<T>(tokens, sample.token, p);
    gate += x * weight<T>(sample.gate_up, column, p);
    up += x * weight<T>(sample.gate_up, inter + column, p);
  }
  gate = block_sum(gate);
  up = block_sum(up);
  if (threadIdx.x == 0) activations[std::int64_t{blockIdx.y} * inter + column] = gate / (1 + exp(-gate)) * up;
}

/// out[samples, columns]; blockIdx is (column, sample).
template <class T>
__global__ void down_kernel(const MlpSample* samples, const double* activations, const int* columns,
                            int inter, double* out) {
  const MlpSample sample = samples[blockIdx.y];
  const double* row = activations + std::int64_t{blockIdx.y} * inter;
  double sum = 0;
  for (int p = threadIdx.x; p < inter; p += kThreads)
    sum += row[p] * weight<T>(sample.down, columns[blockIdx.x], p);
  sum = block_sum(sum);
  if (threadIdx.x == 0) out[std::int64_t{blockIdx.y} * gridDim.x + blockIdx.x] = sum;
}

template <class T>
void launch_reference(const ReceivedTokens& tokens, const MlpSample* samples, unsigned num_samples,
                      const int* columns, unsigned num_columns, int inter, double* activations, double* out,
                      cudaStream_t stream) {
  const dim3 first(static_cast<unsigned>(inter), num_samples);
  activation_kernel<T><<<first, kThreads, 0, stream>>>(tokens, samples, inter, activations);
  down_kernel<T>
      <<<dim3(num_columns, num_samples), kThreads, 0, stream>>>(samples, activations, columns, inter, out);
  check(cudaGetLastError());
}

}  // namespace

std::vector<double> mlp_reference(const ReceivedTokens& tokens, std::span<const MlpSample> samples,
                                  std::span<const int> columns, int inter, cudaStream_t stream) {
  if (samples.empty() || columns.empty()) return {};
  const DeviceBuffer<MlpSample> device_samples(samples);
  const DeviceBuffer<int> device_columns(columns);
  DeviceBuffer<double> activations(samples.size() * static_cast<std::size_t>(inter));
  DeviceBuffer<double> out(samples.size() * columns.size());
  const auto launch =
      tokens.scales == nullptr ? launch_reference<__nv_bfloat16> : launch_reference<__nv_fp8_e4m3>;
  launch(tokens, device_samples.data(), static_cast<unsigned>(samples.size()), device_columns.data(),
         static_cast<unsigned>(columns.size()), inter, activations.data(), out.data(), stream);
  check(cudaStreamSynchronize(stream));
  return out.download();
}

}  // namespace moesim
