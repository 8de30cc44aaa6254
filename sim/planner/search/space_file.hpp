#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/space/axis.hpp"

namespace moesim {

/// The axes of a space file: {"schema_version": 1, "kind": KIND, "axes": {POINTER: [VALUES]}}. A name without
/// folder and .json is a shipped space; an empty one is the shipped space of the kind. Throws SpecError.
std::vector<Axis> read_space(std::string_view kind, const std::string& name_or_path);

/// Sets the axis in place of the one of its pointer, or behind all.
void replace_axis(std::vector<Axis>& axes, Axis axis);

}  // namespace moesim
