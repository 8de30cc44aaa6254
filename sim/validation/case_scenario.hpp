#pragma once

#include <string>
#include <vector>

#include "base/spec.hpp"
#include "sim/validation/case_file.hpp"

namespace moesim {

/// A scenario as a case runs it.
struct CaseScenario {
  std::string file;  ///< that paths in the document are relative to
  RawJson document;  ///< with all overrides
};

/// The scenario of a case with its overrides; of a range, one for each layout. Overrides go to places that
/// the scenario's kind knows, in the order of their pointers. Throws SpecError, at the override where it is
/// one.
std::vector<CaseScenario> scenarios_of(const ValidationCase& validation_case);

}  // namespace moesim
