#pragma once

#include <QString>
#include <cstdint>

#include "gui/models/load_scene.hpp"
#include "gui/widgets/heat_map_axis.hpp"

namespace moesim::gui {

/// Every layer and element at a step as rows of CSV: layer, step, element, tokens and load over the mean, of
/// both sides and their difference where two are compared. `noun` heads the elements.
QString layersCsv(const LoadScene& scene, const QString& noun, std::int64_t step);

/// Every element of the scene's layer at the steps of the columns shown, in the same form.
QString stepsCsv(const LoadScene& scene, const QString& noun, const CellWindow& columns);

}  // namespace moesim::gui
