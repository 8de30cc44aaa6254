#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"

namespace moesim::cli {

/// The set of ids. Throws SpecError, with the nearest id, for one that neither file knows.
SourceSet excluded_sources(const std::vector<std::string>& ids, const Stack& stack,
                           const CalibrationProfile& profile);

/// The same for the stack and the calibration that a scenario names; an empty set where there are no ids.
SourceSet excluded_sources(const std::vector<std::string>& ids, const Json& scenario,
                           const std::string& file);

}  // namespace moesim::cli
