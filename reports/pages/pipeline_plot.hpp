#pragma once

#include <string>
#include <vector>

#include "reports/pages/pipeline_raster.hpp"

namespace moesim {

/// A raster as rows over time with a time axis below, as HTML; neighbouring columns of a class are one stroke
/// of a path for each class.
/// `rows`: [num_rows] labels, those that are empty are thin rows of the one above. `classes`: labels.
std::string pipeline_plot(const PipelineRaster& raster, const std::vector<std::string>& rows,
                          const std::vector<std::string>& classes, double begin_s, double end_s);

}  // namespace moesim
