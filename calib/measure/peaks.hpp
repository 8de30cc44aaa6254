#pragma once

#include <optional>
#include <string>

#include "calib/measure/measured_case.hpp"

namespace moesim {

/// What a device says of itself that tells which GPU it is.
struct DeviceSignature {
  std::string name;  ///< as the driver prints it, e.g. "NVIDIA H200"
  int num_sms = 0;
  int major = 0;  ///< compute capability
  int minor = 0;
  double max_sm_clock_mhz = 0;
  double memory_bandwidth = 0;  ///< bytes per second from memory clock and bus width, 0 if not told
  double memory_bytes = 0;
  double power_limit_w = 0;
};

/// The shipped profile whose GPU the device is: a word of its name ("H200") begins the profile's name
/// ("h200-sxm"), the SMs agree and the memory bandwidth to a tenth. Empty for a GPU without a profile.
std::optional<GpuFacts> shipped_facts(const DeviceSignature& device);

/// The most that the device can do: its shipped profile's GPU, else from SMs, clock and the operations that
/// the tensor cores of its compute capability do in one cycle; the memory bandwidth as the driver states it.
/// NVLink, idle power and memory of the latter kind are 0 where nothing tells them.
GpuFacts hardware_peaks(const DeviceSignature& device);

/// Why `work` cannot have been done in `time`, e.g. "1034 TFLOP/s of at most 989.4"; empty where it can.
/// Where caches were not cold, up to `l2_bytes` of the memory traffic may have been served by L2 and are not
/// counted.
std::string find_above_peak(const Work& work, Seconds time, const GpuFacts& peaks, NumberFormat format,
                            TimingRegime regime, double l2_bytes);

}  // namespace moesim
