#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reports/pictures/color_map.hpp"

namespace moesim::pictures {

/// Colours of many values at once, as 0xffRRGGBB. Within one of the 256 colours of color_at(); a logarithmic
/// scale is a table over the bits of a value, so it costs no logarithm a pixel.
class ColorLookup {
 public:
  ColorLookup(const ColorMap& map, const ColorScale& scale, Rgb missing);

  /// `missing` for kNoData.
  [[nodiscard]] std::uint32_t color(float value) const;
  /// [height, width] values to as many colours; a line equal to the one above it is copied.
  void draw(std::span<const float> values, std::size_t width, std::span<std::uint32_t> colors) const;

 private:
  void draw_line(const float* values, std::size_t count, std::uint32_t* colors) const;

  bool logarithmic_;
  float low_ = 0;
  float factor_ = 0;                   // colours of a unit, linear
  std::int32_t first_bits_ = 0;        // of the low end, logarithmic
  int shift_ = 0;                      // bits of an entry of the table
  std::int32_t last_ = 0;              // entry of the high end
  std::vector<std::uint32_t> colors_;  // the map, or from low to high by bits; after them the missing one
};

}  // namespace moesim::pictures
