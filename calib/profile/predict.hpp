#pragma once

#include <optional>

#include "calib/profile/profile.hpp"

namespace moesim {

/// The time that a profile gives to the shape of `entry` (its own time is not read): what fits, checks and
/// plots hold against timed points. Nothing for an operator that has no lookup, for an entry that does not
/// lie on curves, and where the profile has nothing to answer from.
std::optional<TimeEstimate> predict(const CalibrationProfile& profile, const Entry& entry);

}  // namespace moesim
