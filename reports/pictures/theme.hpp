#pragma once

#include <array>
#include <string_view>

#include "reports/pictures/color_map.hpp"

namespace moesim::pictures {

/// Colours of a picture besides those of its colour map.
struct Theme {
  std::string_view name;
  Rgb background;
  Rgb text;
  Rgb muted;  ///< second-rank text
  Rgb grid;
  Rgb frame;
  Rgb missing;  ///< where a heat map has no data
  Rgb curve;
};

/// Text has a contrast of at least 4.5 to the background in each (WCAG 2.1, 1.4.3).
inline constexpr std::array<Theme, 2> kThemes{{
    {"light",
     {255, 255, 255},
     {28, 30, 34},
     {92, 97, 106},
     {222, 225, 230},
     {120, 125, 134},
     {205, 207, 211},
     {31, 95, 180}},
    {"dark",
     {24, 26, 31},
     {232, 234, 238},
     {160, 166, 176},
     {52, 56, 64},
     {116, 122, 133},
     {72, 75, 82},
     {110, 170, 255}},
}};

}  // namespace moesim::pictures
