#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// Source id of what stands in for figures that a profile does not hold.
inline constexpr std::string_view kAssumptionSource = "moesim-assumptions";

/// Adds the constants that lookups cannot do without, as assumed ones with wide intervals, where the profile
/// has none. Returns their names.
std::vector<std::string> add_assumed_constants(ProfileFile& profile);

/// The same of the links that transfers between GPUs need: shares of datasheet bandwidths.
std::vector<std::string> add_assumed_links(ProfileFile& profile);

}  // namespace moesim
