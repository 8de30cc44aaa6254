#pragma once

#include <string_view>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// The name under which errors of an entry's operator are reported, "gemm_fp8_block"; docs/calibration.md
/// lists them. Empty for what curves are not made of: links, phases, launches, other regimes than isolated.
std::string_view calibrated_operator(const Entry& entry);

}  // namespace moesim
