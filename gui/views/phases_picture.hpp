#pragma once

#include "gui/models/run_document.hpp"
#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// Seconds of a training step by phase, of one result or two beside each other; no panels without such a
/// summary.
PlotPicture phasesPicture(const RunDocument& first, const RunDocument* second);

/// The rates of a result in a line: "172.3 K tokens/s, MFU 40.3 %"; empty where its summary has none.
QString ratesText(const RunDocument& document);

}  // namespace moesim::gui
