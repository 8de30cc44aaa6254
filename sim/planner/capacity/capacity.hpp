#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "sim/planner/capacity/sized_fleet.hpp"
#include "sim/planner/space/axis.hpp"

namespace moesim {

/// What `moesim capacity` asks.
struct CapacityOptions {
  SizingOptions sizing;    ///< an empty SLO: the scenario's, at p99
  std::vector<Axis> axes;  ///< alternatives, each sized by itself
  std::optional<std::uint64_t> seed;
  SourceSet excluded_sources;
};

/// The result document of kind "capacity" (docs/formats.md): the smallest and the cheapest fleet of a serving
/// scenario that holds an SLO. Throws SpecError for another kind, PlanError where no alternative can be laid
/// out.
Json find_capacity(const Json& scenario, const std::string& file, const CapacityOptions& options);

}  // namespace moesim
