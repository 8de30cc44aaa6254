#pragma once

#include <string>

#include "base/json.hpp"
#include "base/spec_codec.hpp"

namespace moesim {

/// A scenario that a grid names or holds.
struct GridScenario {
  RawJson document;
  std::string file;  ///< names it in errors; paths in it are relative to it
  std::string name;
};

/// `value` stands at `pointer` of the grid `file`: the name of a shipped scenario, a path relative to the
/// grid, or the scenario itself. Throws SpecError, with the nearest name.
GridScenario read_grid_scenario(const Json& value, const std::string& file, const std::string& pointer);

}  // namespace moesim
