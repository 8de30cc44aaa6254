#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/kernels/machine/machine_benches.hpp"

namespace moesim {

namespace {

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  switch (point.op) {
    case TimedOperator::copy:
      if (point.name == "l2_read") {
        // L2 is two partitions, and each keeps copies of what its SMs read from the other: half is usable.
        return point.axis("bytes") <= 0.5 * device.l2_bytes
                   ? ""
                   : fmt::format("half of L2 holds {:.0f} MB", device.l2_bytes / 2e6);
      }
      return 2.5 * point.axis("bytes") <= device.memory_bytes ? "" : "the buffers do not fit into the memory";
    case TimedOperator::launch:
      return "";
    default:
      return fmt::format("the family machine does not time {}", enum_name(point.op));
  }
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  if (point.op == TimedOperator::copy) return make_copy_bench(point, device, seed);
  return make_launch_bench();
}

}  // namespace

extern const BenchFamily kMachineBench;
const BenchFamily kMachineBench{"machine", "bandwidth of memory and L2, launches", unsupported, make};

}  // namespace moesim
