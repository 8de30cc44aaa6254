#pragma once

#include <vector>

#include "calib/profile/profile.hpp"

namespace moesim {

/// The entries in use of a profile, with the points of its GEMM grids.
std::vector<Entry> timed_entries(const CalibrationProfile& profile);

/// Takes the point of `entry` out of a grid of its operator; a row without a time left goes.
void remove_point(const Entry& entry, EntryTable& grid);

}  // namespace moesim
