#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reports/pictures/binned_curve.hpp"
#include "reports/pictures/load_layout.hpp"
#include "reports/pictures/load_picture.hpp"
#include "reports/pictures/load_survey.hpp"
#include "reports/pictures/max_raster.hpp"

namespace moesim::pictures {

/// What the panels of a load picture show, reduced to their pixels.
struct LoadData {
  LoadSurvey survey;
  int layer = 0;           ///< of `steps`
  bool is_chosen = false;  ///< the layer was asked for
  std::int64_t step = 0;   ///< of `layers`
  std::optional<MaxRaster> steps;
  std::optional<MaxRaster> layers;  ///< columns in the order of the survey's layers
  std::optional<BinnedCurve> violation;
};

/// Throws SpecError, see draw_load_picture().
LoadData load_data(const LoadPicture& picture, const LoadPictureHead& head, const ReadLoads& rows,
                   const LoadPictureOptions& options, const LoadLayout& layout);

}  // namespace moesim::pictures
