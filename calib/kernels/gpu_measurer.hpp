#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/nvml.hpp"
#include "calib/kernels/timer.hpp"
#include "calib/measure/session.hpp"

namespace moesim {

/// Measures on one GPU with the benches of the table.
class GpuMeasurer : public Measurer {
 public:
  GpuMeasurer(const DeviceFacts& device, std::uint64_t seed);

  std::string unsupported(const MeasuredCase& point) override;
  std::unique_ptr<PreparedCase> prepare(const MeasuredCase& point) override;
  Seconds now() override;
  void rest(Seconds time) override;
  double power_w() override { return nvml_.power_w(); }
  RecordStatus worst_of_ranks(RecordStatus own) override;
  bool is_lost() override;

  /// The header of a log of this device: takes a tenth of a second of work.
  LogHeader header();

 private:
  DeviceFacts device_;
  std::uint64_t seed_;
  Nvml nvml_;
  Timer timer_;
  bool lost_ = false;  // a lost device meets nobody
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace moesim
