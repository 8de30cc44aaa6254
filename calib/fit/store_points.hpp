#pragma once

#include <span>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// Adds points to a profile: as grids where the rule of their operator says so, as tables else, as entries
/// where they have samples or a p10, which tables do not hold.
void store_points(std::span<const Entry> points, ProfileFile& profile);

}  // namespace moesim
