#include "calib/kernels/device_facts.hpp"

#include <cuda_runtime_api.h>

#include <fmt/format.h>

#include "calib/kernels/cuda_error.hpp"

namespace moesim {

namespace {

std::string uuid_text(const cudaUUID_t& uuid) {
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

int attribute(cudaDeviceAttr which, int index) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, index));
  return value;
}

}  // namespace

int count_devices() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    (void)cudaGetLastError();
    return 0;
  }
  return count;
}

DeviceFacts device_facts(int index) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index));
  DeviceFacts facts;
  facts.index = index;
  facts.name = properties.name;
  facts.uuid = uuid_text(properties.uuid);
  facts.num_sms = properties.multiProcessorCount;
  facts.major = properties.major;
  facts.minor = properties.minor;
  facts.l2_bytes = properties.l2CacheSize;
  facts.memory_bytes = static_cast<double>(properties.totalGlobalMem);
  facts.shared_bytes_per_block = static_cast<double>(properties.sharedMemPerBlockOptin);
  facts.max_sm_clock_mhz = attribute(cudaDevAttrClockRate, index) / 1e3;
  // Both edges of the memory clock (kHz) carry data.
  facts.peak_memory_bandwidth = 2.0 * attribute(cudaDevAttrMemoryClockRate, index) * 1e3 *
                                attribute(cudaDevAttrGlobalMemoryBusWidth, index) / 8;
  check(cudaDriverGetVersion(&facts.driver_version));
  check(cudaRuntimeGetVersion(&facts.runtime_version));
  return facts;
}

}  // namespace moesim
