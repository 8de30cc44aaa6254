#pragma once

#include <QString>
#include <memory>

#include "gui/models/sweep_cases.hpp"

namespace moesim::gui {

/// The scenario of a line with its changes, which `moesim run` takes. Figures that were published are left
/// out of a changed one: they are of another layout. Null where the document does not hold the scenario.
std::shared_ptr<const Json> scenarioOfLine(const RunDocument& document, const SweepLine& line);

/// "moesim run SCENARIO --set /layout/ep=64 -o FOLDER" for a shell; SCENARIO and FOLDER are the user's.
QString runCommand(const SweepLine& line);

}  // namespace moesim::gui
