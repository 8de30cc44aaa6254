#pragma once

#include <QString>

#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// Every point as a row "x, curve, value" and every bar as "category, bar, value" below a heading, in SI
/// units; empty for none.
QString pictureCsv(const PlotPicture& picture);

}  // namespace moesim::gui
