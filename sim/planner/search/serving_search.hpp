#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "calib/profile/constant.hpp"
#include "sim/planner/search/objective.hpp"
#include "sim/planner/search/serving_limit.hpp"
#include "sim/planner/space/axis.hpp"

namespace moesim {

/// What is looked for among the deployments of a serving scenario.
struct ServingSearch {
  std::vector<Axis> axes;  ///< as ServingSpace reads them
  bool lenient = false;    ///< axes of roles that the scenario lacks are left out: a space for many scenarios
  std::optional<int> gpus;  ///< that all pools share; absent: units as the scenario and the axes say
  Objective objective = Objective::throughput;
  std::vector<ServingLimit> limits;
  std::size_t num_best = 20;
  bool exhaustive = false;  ///< runs every deployment that fits: the slow twin of pruning
  std::optional<std::uint64_t> seed;
  int threads = 1;  ///< the result does not depend on it
  SourceSet excluded_sources;
  std::function<void(double fraction, std::string_view what)> progress;  ///< may be empty
};

/// Points of a space at most.
inline constexpr std::uint64_t kMostServingPoints = 200000;

/// The result document of the kind "search" (docs/planner.md, "Serving search"). Every deployment that fits
/// is run as its scenario says, unless its bound shows that it is neither among the best nor on the front of
/// throughput against tokens/s of a user. Throws SpecError for a faulty scenario or space, too many points,
/// contradicting limits, and where no deployment holds them; CalibrationError and RunError as runs do.
Json search_serving(const Json& scenario, const std::string& file, const ServingSearch& search);

}  // namespace moesim
