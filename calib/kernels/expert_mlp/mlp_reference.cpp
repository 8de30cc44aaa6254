#include "calib/kernels/expert_mlp/mlp_reference.hpp"

#include "calib/kernels/device_buffer.hpp"

namespace moesim {

std::vector<double> mlp_reference(const ReceivedTokens& tokens, std::span<const MlpSample> samples,
                                  std::span<const int> columns, int inter, cudaStream_t stream) {
  if (samples.empty() || columns.empty()) return {};
  const DeviceBuffer<MlpSample> rows(samples);
  const DeviceBuffer<int> device_columns(columns);
  DeviceBuffer<double> activations(samples.size() * static_cast<std::size_t>(inter));
  DeviceBuffer<double> out(samples.size() * columns.size());
  launch_mlp_reference(tokens,
                       {rows.data(), static_cast<int>(samples.size()), device_columns.data(),
                        static_cast<int>(columns.size())},
                       inter, activations.data(), out.data(), stream);
  check(cudaStreamSynchronize(stream));
  return out.download();
}

}  // namespace moesim
