#pragma once

#include <algorithm>

#include "calib/kernels/mla_decode/split_schedule.hpp"

namespace moesim::test {

/// Into how many pieces a schedule cuts a sequence; 1 for a whole one.
inline int num_pieces(const SplitSchedule& schedule, int sequence) {
  const auto i = static_cast<std::size_t>(sequence);
  return std::max(schedule.first_slot[i + 1] - schedule.first_slot[i], 1);
}

}  // namespace moesim::test
