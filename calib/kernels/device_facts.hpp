#pragma once

#include <string>

namespace moesim {

class RankGroup;

/// What the driver says about a device.
struct DeviceFacts {
  int index = 0;  ///< of the CUDA runtime
  std::string name;
  std::string uuid;  ///< "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
  int num_sms = 0;
  int major = 0;  ///< compute capability
  int minor = 0;
  double l2_bytes = 0;
  double memory_bytes = 0;
  double shared_bytes_per_block = 0;  ///< the most a block may ask for
  double max_sm_clock_mhz = 0;
  double peak_memory_bandwidth = 0;  ///< bytes per second from memory clock and bus width; 0 if not told
  int driver_version = 0;            ///< of CUDA, as 13000
  int runtime_version = 0;
  std::string driver;          ///< of the kernel module as NVML says it, e.g. "580.82.07"; may be empty
  RankGroup* ranks = nullptr;  ///< the processes that measure together; null for one
};

/// The number of CUDA devices; 0 also where there is no driver.
int count_devices();

/// Facts of one device. Throws CudaError.
DeviceFacts device_facts(int index);

}  // namespace moesim
