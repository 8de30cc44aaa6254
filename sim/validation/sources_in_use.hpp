#pragma once

#include <map>
#include <string>

#include "base/json.hpp"
#include "calib/profile/constant.hpp"
#include "sim/validation/case_scenario.hpp"

namespace moesim {

/// Ids of the sources that a scenario's prediction may come from, each with an example of what it gives:
/// entries and constants of every calibration, stack and router that the document names, once `excluded` is
/// left out. Throws SpecError and CalibrationError as loading them does.
std::map<std::string, std::string> sources_in_use(const Json& scenario, const std::string& file,
                                                  const SourceSet& excluded);

/// Refuses a case of the role check that uses a source of its own figures. Throws SpecError at the case's
/// role.
void require_independence(const ValidationCase& validation_case, const std::vector<CaseScenario>& scenarios,
                          const SourceSet& excluded);

}  // namespace moesim
