#include "calib/kernels/expert_mlp/mlp_reference.hpp"

#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "calib/kernels/launch.cuh"

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
    if (static_cast<int>(threadIdx.x) < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  return sums[0];
}

/// activations[samples, inter], a thread block each.
template <class T>
__global__ void activation_kernel(ReceivedTokens tokens, const MlpSample* samples, int inter,
                                  double* activations) {
  const int column = static_cast<int>(blockIdx.x) % inter;
  const MlpSample sample = samples[static_cast<int>(blockIdx.x) / inter];
  double gate = 0;
  double up = 0;
  for (int p = static_cast<int>(threadIdx.x); p < tokens.hidden; p += kThreads) {
    const double x = token_value<T>(tokens, sample.token, p);
    gate += x * weight<T>(sample.gate_up, column, p);
    up += x * weight<T>(sample.gate_up, inter + column, p);
  }
  gate = block_sum(gate);
  up = block_sum(up);
  if (threadIdx.x == 0) activations[blockIdx.x] = gate / (1 + exp(-gate)) * up;
}

/// out[samples, columns], a thread block each.
template <class T>
__global__ void down_kernel(const MlpSample* samples, const double* activations, const int* columns,
                            int num_columns, int inter, double* out) {
  const int number = static_cast<int>(blockIdx.x) / num_columns;
  const MlpSample sample = samples[number];
  const double* row = activations + std::int64_t{number} * inter;
  double sum = 0;
  for (int p = static_cast<int>(threadIdx.x); p < inter; p += kThreads)
    sum += row[p] * weight<T>(sample.down, columns[static_cast<int>(blockIdx.x) % num_columns], p);
  sum = block_sum(sum);
  if (threadIdx.x == 0) out[blockIdx.x] = sum;
}

template <class T>
void launch_reference(const ReceivedTokens& tokens, const MlpSamples& samples, int inter, double* activations,
                      double* out, cudaStream_t stream) {
  start_kernel(activation_kernel<T>, samples.num_rows * inter, kThreads, 0, stream, tokens, samples.rows,
               inter, activations);
  const double* activated = activations;
  start_kernel(down_kernel<T>, samples.num_rows * samples.num_columns, kThreads, 0, stream, samples.rows,
               activated, samples.columns, samples.num_columns, inter, out);
}

}  // namespace

void launch_mlp_reference(const ReceivedTokens& tokens, const MlpSamples& samples, int inter,
                          double* activations, double* out, cudaStream_t stream) {
  const auto launch =
      tokens.scales == nullptr ? launch_reference<__nv_bfloat16> : launch_reference<__nv_fp8_e4m3>;
  launch(tokens, samples, inter, activations, out, stream);
}

}  // namespace moesim
