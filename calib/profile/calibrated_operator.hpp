#pragma once

#include <string_view>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// Whether curves are made of the entry: an isolated one of no name. A name tells a call apart whose time
/// depends on more than its axes ("skew=2", "nodes=4"); that of an expert_mlp is its kernel, which has curves
/// of its own.
bool lies_on_curves(const Entry& entry);

/// The name under which errors of an entry's operator are reported, "gemm_fp8_block"; docs/calibration.md
/// lists them. Empty for what curves are not made of: links, phases, launches, what lies_on_curves() denies.
std::string_view calibrated_operator(const Entry& entry);

}  // namespace moesim
