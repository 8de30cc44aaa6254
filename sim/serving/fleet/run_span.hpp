#pragma once

#include <limits>

namespace moesim {

/// The stretch of the workload's time that one run plays, and what of it counts.
struct RunSpan {
  double from_s = 0;
  /// Arrivals before this; the run goes on until its last request is done, unless `cut`.
  double until_s = std::numeric_limits<double>::infinity();
  double measure_from_s = 0;
  bool cut = false;         ///< ends at until_s whatever is in flight (a window)
  bool warm_start = false;  ///< begins with the running requests of a steady state
};

}  // namespace moesim
