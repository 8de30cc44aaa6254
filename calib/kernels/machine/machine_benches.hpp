#pragma once

#include <cstdint>
#include <memory>

#include "calib/kernels/bench.hpp"

namespace moesim {

// What the family `machine` is made of; each fits the cases of its operator in suite/machine_cases.cpp.

/// Memory bandwidth over `bytes`: name read, write, copy (a kernel), memcpy (of the driver), or l2_read.
std::unique_ptr<Bench> make_copy_bench(const MeasuredCase& point, const DeviceFacts& device,
                                       std::uint64_t seed);
/// An empty kernel: the time from one launch to the next.
std::unique_ptr<Bench> make_launch_bench();

}  // namespace moesim
