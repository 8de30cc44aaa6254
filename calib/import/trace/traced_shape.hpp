#pragma once

#include <optional>

#include "calib/import/trace/kernel_class.hpp"
#include "calib/import/trace/trace.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim {

/// What an operator of a framework computes: operator, format, role and axes of an entry, from the shapes and
/// types of its inputs; time, GPU and kernel are the caller's. Nothing where no rule knows the operator,
/// where the trace recorded no shapes (record_shapes=True), and for kernels that a shape does not explain.
/// `seconds_share` says which part of the kernel's time the entry stands for: attention of several sequences
/// is timed as one.
struct TracedShape {
  Entry entry;
  double seconds_share = 1;
};
std::optional<TracedShape> traced_shape(const TracedKernel& kernel, KernelClass what);

}  // namespace moesim
