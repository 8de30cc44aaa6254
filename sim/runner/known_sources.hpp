#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"

namespace moesim {

/// What a scenario names under `key` ("stack", "calibration", "dynamics") at any depth, in its order: names
/// of shipped files as they are, paths made relative to the folder of `file`.
std::vector<std::string> named_files(const Json& scenario, std::string_view key, const std::string& file);

/// Ids of the sources of a stack and a calibration.
SourceSet known_sources(const Stack& stack, const CalibrationProfile& profile);
/// The same for every stack, calibration and router that a scenario names. Throws as loading them does.
SourceSet known_sources(const Json& scenario, const std::string& file);

/// `ids` as a set. Throws SpecError at `file` and `pointer`, with the nearest id, for one that is not in
/// `known`. Nothing is refused where nothing is known: a scenario that names no calibration has faults of its
/// own.
SourceSet checked_sources(const std::vector<std::string>& ids, const SourceSet& known,
                          const std::string& file, const std::string& pointer);

}  // namespace moesim
