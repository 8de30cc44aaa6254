#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "reports/pictures/heat_map_cells.hpp"

namespace moesim::pictures {

/// Levels of detail of a heat map that grows by columns: level k holds the maxima of 2^k neighbouring
/// columns, so that any window is redrawn from O(width log columns) of them. Twice the memory of the cells.
class LodPyramid final : public HeatMapCells {
 public:
  explicit LodPyramid(std::size_t num_rows) : num_rows_(num_rows), levels_(1) {}

  /// The next column, [num_rows]; amortised O(num_rows). Throws std::invalid_argument for another height.
  void append(std::span<const float> cells);

  [[nodiscard]] std::size_t num_rows() const override { return num_rows_; }
  [[nodiscard]] std::size_t num_columns() const override { return num_blocks(0); }
  [[nodiscard]] float at(std::size_t column, std::size_t row) const override {
    return levels_[0][column * num_rows_ + row];
  }

  /// Each pixel the exact maximum of the cells that it touches, into `pixels`: [height, width], the top row
  /// first; kNoData where no cell is. Callable from several threads while nothing is appended. Throws
  /// std::invalid_argument where `pixels` has another size or the window is empty.
  void draw(const HeatMapWindow& window, std::span<float> pixels) const override;

 private:
  [[nodiscard]] std::size_t num_blocks(std::size_t level) const {
    return num_rows_ == 0 ? 0 : levels_[level].size() / num_rows_;
  }
  [[nodiscard]] std::span<const float> block(std::size_t level, std::size_t index) const {
    return std::span(levels_[level]).subspan(index * num_rows_, num_rows_);
  }
  void add_maxima(std::size_t first, std::size_t end, std::size_t first_row, std::span<float> maxima) const;

  std::size_t num_rows_;
  std::vector<std::vector<float>> levels_;  // [level][block][row]
};

}  // namespace moesim::pictures
