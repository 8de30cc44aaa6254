#pragma once

#include <string>
#include <vector>

#include "sim/validation/case_file.hpp"

namespace moesim {

/// One override with the place in the case file that it stands at.
struct PlacedOverride {
  std::string place;  ///< JSON pointer into the scenario
  RawJson value;
  std::string pointer;  ///< into the case file
};

/// One plausible setting of a range.
struct Variant {
  std::string label;  ///< "/layout/ep=8 /layout/pp=16", as --set takes them; empty: the scenario as it is
  std::vector<PlacedOverride> overrides;  ///< in the order in which they are applied
};

/// The overrides that stand at `pointer` in a case file, in the order of their places.
std::vector<PlacedOverride> placed(const Overrides& overrides, const std::string& pointer);

/// The variants of a case in the order of its file, the last pointer of the grid moving fastest; one without
/// overrides where the case is no range.
std::vector<Variant> variants_of(const ValidationCase& validation_case);

}  // namespace moesim
