#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace moesim {

/// One input of a scenario and the values that it takes in turn.
struct Axis {
  std::string pointer;       ///< JSON pointer into the scenario, in its schema
  std::vector<Json> values;  ///< none twice
};

/// "POINTER=V1,V2,...": each value is parsed as JSON where it is JSON, else it is a string; commas inside
/// brackets, braces and quotes do not separate. Throws SpecError, naming `origin`.
Axis read_axis(std::string_view text, const std::string& origin);

/// Points of the product of all axes; the largest number where there are more than fit. 1 without axes.
std::uint64_t num_points(std::span<const Axis> axes);

/// Indices of the values of point `index`, the last axis running fastest ([num_axes]).
std::vector<std::size_t> point_at(std::span<const Axis> axes, std::uint64_t index);

/// The scenario with the values of that point set, unchecked: the kind's schema checks it when it is read.
/// Parents that are absent are made. Throws SpecError for a pointer that leads through no object or array.
Json scenario_at(const Json& scenario, const std::string& file, std::span<const Axis> axes,
                 std::span<const std::size_t> point);

/// What that point changes: {pointer: value}.
Json changes_at(std::span<const Axis> axes, std::span<const std::size_t> point);

/// Throws SpecError, naming `origin`, where the schema of the scenario has no such place, with the nearest
/// key.
void check_axis(const Axis& axis, const Json& scenario, const Json& schema, const std::string& origin);

}  // namespace moesim
