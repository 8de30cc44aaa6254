#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reports/pictures/pixels.hpp"

namespace moesim::pictures {

/// The pixels of a heat map of [num_rows, num_columns] cells, each the maximum of the cells that it touches.
/// Columns come in any order and are not kept: memory is that of the pixels.
class MaxRaster {
 public:
  /// All at least 1.
  MaxRaster(int width, int height, std::int64_t num_columns, int num_rows);

  /// `cells`: [num_rows], the first at the top; 0 <= column < num_columns. Throws std::invalid_argument for
  /// another number of rows or a column that is not there.
  void add(std::int64_t column, std::span<const float> cells);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  /// [height, width], the top row first; kNoData where no cell is.
  [[nodiscard]] std::span<const float> pixels() const { return pixels_; }

 private:
  int width_;
  int height_;
  std::int64_t num_columns_;
  int num_rows_;
  std::vector<float> pixels_;
};

}  // namespace moesim::pictures
