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

/// The scenarios of a case with its overrides: one, or one for each variant of a range (the order of
/// variants_of()), and of each the phases one after the other. Overrides go to places that the scenario's
/// kind knows: those of the case, of the phase, of the variant, each in the order of their pointers. Throws
/// SpecError, at the override where it is one; a variant that is no scenario is one, a layout that cannot be
/// laid out is not.
std::vector<CaseScenario> scenarios_of(const ValidationCase& validation_case);

}  // namespace moesim
