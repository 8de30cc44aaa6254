#pragma once

#include <array>
#include <cstdint>

namespace moesim::pictures {

/// An sRGB colour.
struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Rgb&) const = default;
};

/// 256 colours from one end of a scale to the other.
using ColorMap = std::array<Rgb, 256>;

/// From dark violet over teal to yellow, lightness rising evenly; told apart with any colour vision and in
/// print. Viridis (Smith, van der Walt, Firing 2015, CC0) by the polynomials of degree 6 that Matt Zucker
/// fitted to it (shadertoy.com/view/WlfXRN, CC0), within 0.02 of a channel.
const ColorMap& sequential_map();

/// From blue (less) over near white (the same) to red (more), for differences. The eleven colours of RdBu
/// reversed (Harrower and Brewer 2003, ColorBrewer), linear between them; told apart by the colour-blind.
const ColorMap& diverging_map();

/// The colour at `position`, 0 for the first and 1 for the last; what lies beyond is an end.
Rgb color_at(const ColorMap& map, double position);

/// Which position of a colour map a value has.
struct ColorScale {
  double low = 0;
  double high = 1;           ///< above low
  bool logarithmic = false;  ///< low is above 0 then

  /// 0 at low, 1 at high, clamped.
  [[nodiscard]] double position(double value) const;
};

}  // namespace moesim::pictures
