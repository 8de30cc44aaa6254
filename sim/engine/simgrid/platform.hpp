#pragma once

#include <simgrid/s4u.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/simgrid/step_scale.hpp"

namespace moesim::on_simgrid {

namespace s4u = ::simgrid::s4u;

/// What one GPU is in SimGrid. A NIC flow runs from nic_out of its sender to nic_in of its receiver and
/// shares these two links alone, a NVLink flow runs from sms to nvlink of the same GPU and shares that link
/// alone.
struct GpuResources {
  s4u::Host* sms = nullptr;      ///< one core that computes one second of work per second at pstate 0
  s4u::Host* clock = nullptr;    ///< a core per lane: what runs here takes its time, whatever else runs
  s4u::Host* nic_out = nullptr;  ///< null where the bandwidth is zero, as the next two
  s4u::Host* nic_in = nullptr;
  s4u::Host* nvlink = nullptr;
};

/// SimGrid's engine, configured for exact max-min sharing without latencies, and the GPUs of a step as a star
/// of hosts. At most one in a process.
class Platform {
 public:
  Platform(const EngineInput& input, const StepScale& scale);

  [[nodiscard]] std::size_t num_gpus() const { return gpus_.size(); }
  [[nodiscard]] const GpuResources& gpu(std::size_t index) const { return gpus_[index]; }
  /// The pstate of `sms` at which an operation of this cost runs while an operation that holds SMs runs.
  [[nodiscard]] unsigned long overlapped_pstate(std::uint32_t cost) const { return pstates_[cost]; }
  /// SimGrid counts whole bytes: one byte of ours is so many of its own that rounding changes a flow's time
  /// by 2^-52 of the largest flow's at most. At least one.
  [[nodiscard]] std::uint64_t payload(double bytes) const;
  /// Until nothing runs any more. Throws RunError when the step becomes so long that its time precision is
  /// lost.
  void run();
  static double now_s() { return s4u::Engine::get_clock(); }
  /// SimGrid merges events that lie closer than this.
  [[nodiscard]] double time_precision_s() const { return time_precision_s_; }

 private:
  void add_gpu(std::size_t index, const GpuState& given, const std::vector<double>& speeds);
  s4u::Host* add_host(const char* kind, std::size_t index, const std::vector<double>& speeds);
  s4u::Link* add_link(const char* kind, std::size_t index, double rate_Bps);

  double time_precision_s_;
  s4u::Engine engine_;
  s4u::NetZone* zone_;
  std::vector<GpuResources> gpus_;
  std::vector<unsigned long> pstates_;  ///< [num_costs]
  int payload_shift_ = 0;               ///< one byte is 2^payload_shift_ bytes of SimGrid
};

}  // namespace moesim::on_simgrid
