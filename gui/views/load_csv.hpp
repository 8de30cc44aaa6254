#pragma once

#include <QString>

#include "gui/models/load_scene.hpp"
#include "gui/widgets/heat_map_axis.hpp"

namespace moesim::gui {

/// Every layer and element at a column as rows of CSV: layer, step, element, tokens and load over the mean,
/// of both sides where two are compared, with their difference where both recorded the step. `noun` heads the
/// elements.
QString layersCsv(const LoadScene& scene, const QString& noun, int column);

/// Every element of the scene's layer at the recorded steps of the columns shown, in the same form.
QString stepsCsv(const LoadScene& scene, const QString& noun, const CellWindow& columns);

}  // namespace moesim::gui
