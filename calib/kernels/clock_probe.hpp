#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "calib/kernels/device_buffer.hpp"

namespace moesim {

/// Reads the clock of the SMs in the order of a stream: a kernel of one thread counts cycles against the
/// GPU's timer in nanoseconds for kProbeNanoseconds.
class ClockProbe {
 public:
  static constexpr std::uint64_t kProbeNanoseconds = 20'000;
  static constexpr int kNumSlots = 2;

  ClockProbe();
  ~ClockProbe();
  ClockProbe(const ClockProbe&) = delete;
  ClockProbe& operator=(const ClockProbe&) = delete;

  /// Asynchronous. The result of `slot` is overwritten.
  void read(int slot, cudaStream_t stream);
  /// Of the last read of `slot`, once the stream has been waited for.
  [[nodiscard]] double clock_mhz(int slot) const;

  /// All SMs compute until `seconds` have passed. Asynchronous; brings an idle GPU to its clocks.
  void load(double seconds, int num_sms, cudaStream_t stream);

 private:
  struct Reading {
    std::uint64_t cycles;
    std::uint64_t nanoseconds;
  };
  Reading* readings_ = nullptr;  // pinned, seen by the device
  DeviceBuffer<float> sink_;
};

}  // namespace moesim
