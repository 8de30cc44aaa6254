#include "calib/kernels/gemm/sampled_check.hpp"

#include "calib/kernels/device_buffer.hpp"

namespace moesim {

namespace {

/// Runs `launch(points, num_points, result)` on device arrays and gives the result.
template <class Kernel>
std::vector<double> at_points(std::span<const SamplePoint> points, cudaStream_t stream,
                              const Kernel& launch) {
  if (points.empty()) return {};
  const DeviceBuffer<SamplePoint> on_device(points);
  DeviceBuffer<double> result(points.size());
  launch(on_device.data(), static_cast<int>(points.size()), result.data());
  check(cudaStreamSynchronize(stream));
  return result.download();
}

std::vector<double> sampled(bool fp32, const void* out, std::int64_t columns,
                            std::span<const SamplePoint> points, cudaStream_t stream) {
  return at_points(points, stream, [&](const SamplePoint* where, int num_points, double* result) {
    launch_sample(fp32, out, columns, where, num_points, result, stream);
  });
}

}  // namespace

std::vector<double> gemm_reference(bool fp8, const ReferenceSide& m_side, const ReferenceSide& n_side,
                                   std::span<const SamplePoint> points, cudaStream_t stream) {
  return at_points(points, stream, [&](const SamplePoint* where, int num_points, double* result) {
    launch_gemm_reference(fp8, m_side, n_side, where, num_points, result, stream);
  });
}

std::vector<double> sampled_bf16(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                                 cudaStream_t stream) {
  return sampled(false, out, columns, points, stream);
}
std::vector<double> sampled_fp32(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                                 cudaStream_t stream) {
  return sampled(true, out, columns, points, stream);
}

}  // namespace moesim
