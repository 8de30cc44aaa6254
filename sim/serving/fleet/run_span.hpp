#pragma once

#include <limits>

namespace moesim {

/// The stretch of the workload's time that one run plays, and what of it counts.
struct RunSpan {
  double from_s = 0;
  /// Arrivals before this; the run goes on until its last request is done, unless `cut`.
  double until_s = std::numeric_limits<double>::infinity();
  double measure_from_s = 0;
  /// Ends at until_s whatever is in flight (a window, a closed loop of a stated duration); requests count by
  /// their end, not by their arrival.
  bool cut = false;
  bool warm_start = false;  ///< begins with the running requests of a steady state
};

}  // namespace moesim
