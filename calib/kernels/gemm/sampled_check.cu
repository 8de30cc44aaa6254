#include "calib/kernels/gemm/sampled_check.hpp"

#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "calib/kernels/launch.cuh"

namespace moesim {

namespace {

constexpr int kThreads = 128;

template <class T>
__device__ double element(const ReferenceSide& side, int row, int column) {
  const double value = static_cast<double>(
      static_cast<float>(static_cast<const T*>(side.data)[side.layout.index(row, column)]));
  return side.scales == nullptr ? value : value * side.scales[side.layout.scales.index(row, column)];
}

/// One block per point.
template <class T>
__global__ void reference_kernel(ReferenceSide m_side, ReferenceSide n_side, const SamplePoint* points,
                                 double* out) {
  const SamplePoint point = points[blockIdx.x];
  double sum = 0;
  for (int p = static_cast<int>(threadIdx.x); p < m_side.layout.k; p += kThreads)
    sum += element<T>(m_side, point.row, p) * element<T>(n_side, point.column, p);
  __shared__ double sums[kThreads];
  sums[threadIdx.x] = sum;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) out[blockIdx.x] = sums[0];
}

template <class T>
__global__ void sample_kernel(const T* out, std::int64_t columns, const SamplePoint* points, int num_points,
                              double* sampled) {
  const int i = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
  if (i >= num_points) return;
  sampled[i] = static_cast<double>(static_cast<float>(out[points[i].row * columns + points[i].column]));
}

}  // namespace

void launch_gemm_reference(bool fp8, const ReferenceSide& m_side, const ReferenceSide& n_side,
                           const SamplePoint* points, int num_points, double* out, cudaStream_t stream) {
  const auto kernel = fp8 ? reference_kernel<__nv_fp8_e4m3> : reference_kernel<__nv_bfloat16>;
  start_kernel(kernel, num_points, kThreads, 0, stream, m_side, n_side, points, out);
}

void launch_sample(bool fp32, const void* out, std::int64_t columns, const SamplePoint* points,
                   int num_points, double* sampled, cudaStream_t stream) {
  const int blocks = ceil_div(num_points, kThreads);
  if (fp32) {
    start_kernel(sample_kernel<float>, blocks, kThreads, 0, stream, static_cast<const float*>(out), columns,
                 points, num_points, sampled);
  } else {
    start_kernel(sample_kernel<__nv_bfloat16>, blocks, kThreads, 0, stream,
                 static_cast<const __nv_bfloat16*>(out), columns, points, num_points, sampled);
  }
}

}  // namespace moesim
