#include "calib/kernels/gemm/sampled_check.hpp"

#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "calib/kernels/device_buffer.hpp"

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
  for (int p = threadIdx.x; p < m_side.layout.k; p += kThreads)
    sum += element<T>(m_side, point.row, p) * element<T>(n_side, point.column, p);
  __shared__ double sums[kThreads];
  sums[threadIdx.x] = sum;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) out[blockIdx.x] = sums[0];
}

template <class T>
__global__ void sample_kernel(const T* out, std::int64_t columns, const SamplePoint* points, int num_points,
                              double* sampled) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= num_points) return;
  sampled[i] = static_cast<double>(static_cast<float>(out[points[i].row * columns + points[i].column]));
}

/// Runs `launch(points, result)` on device arrays and gives the result.
template <class Kernel>
std::vector<double> at_points(std::span<const SamplePoint> points, cudaStream_t stream,
                              const Kernel& launch) {
  if (points.empty()) return {};
  const DeviceBuffer<SamplePoint> on_device(points);
  DeviceBuffer<double> result(points.size());
  launch(on_device.data(), result.data());
  check(cudaGetLastError());
  check(cudaStreamSynchronize(stream));
  return result.download();
}

template <class T>
std::vector<double> sampled(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                            cudaStream_t stream) {
  const int num_points = static_cast<int>(points.size());
  return at_points(points, stream, [&](const SamplePoint* where, double* result) {
    sample_kernel<T><<<ceil_div(num_points, kThreads), kThreads, 0, stream>>>(
        static_cast<const T*>(out), columns, where, num_points, result);
  });
}

}  // namespace

std::vector<double> gemm_reference(bool fp8, const ReferenceSide& m_side, const ReferenceSide& n_side,
                                   std::span<const SamplePoint> points, cudaStream_t stream) {
  const auto num_points = static_cast<unsigned>(points.size());
  return at_points(points, stream, [&](const SamplePoint* where, double* result) {
    if (fp8) {
      reference_kernel<__nv_fp8_e4m3><<<num_points, kThreads, 0, stream>>>(m_side, n_side, where, result);
    } else {
      reference_kernel<__nv_bfloat16><<<num_points, kThreads, 0, stream>>>(m_side, n_side, where, result);
    }
  });
}

std::vector<double> sampled_bf16(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                                 cudaStream_t stream) {
  return sampled<__nv_bfloat16>(out, columns, points, stream);
}
std::vector<double> sampled_fp32(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                                 cudaStream_t stream) {
  return sampled<float>(out, columns, points, stream);
}

}  // namespace moesim
