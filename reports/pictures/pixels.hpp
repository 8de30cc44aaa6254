#pragma once

#include <cstdint>
#include <limits>

namespace moesim::pictures {

/// The value of a pixel that no cell covers; below every other.
inline constexpr float kNoData = -std::numeric_limits<float>::infinity();

/// Pixels from `first` up to, not including, `end`.
struct PixelRange {
  int first = 0;
  int end = 0;
};

/// The pixels that cells [first, end) touch when `num_cells` of equal width fill `num_pixels`: at least one,
/// a border pixel belongs to both its cells. 0 <= first < end <= num_cells; num_cells * num_pixels < 2^63.
constexpr PixelRange pixels_of(std::int64_t first, std::int64_t end, std::int64_t num_cells, int num_pixels) {
  return {static_cast<int>(first * num_pixels / num_cells),
          static_cast<int>((end * num_pixels + num_cells - 1) / num_cells)};
}

}  // namespace moesim::pictures
