#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "reports/pictures/heat_map_cells.hpp"

namespace moesim::pictures {

/// Of two cells that share a pixel the greater one is shown.
struct GreatestCell {
  static float of(float a, float b) { return a > b ? a : b; }
};

/// Of two cells with a sign, such as differences, the one farthest from 0 is shown, of two as far the greater
/// one. kNoData is nearest to 0.
struct FarthestCell {
  static float of(float a, float b) { return key(a) > key(b) ? a : b; }

 private:
  /// In the order of distances, then of signs: the bits without the sign, which goes last, turned so that
  /// those of kNoData are the least.
  static std::int32_t key(float cell) {
    const auto bits = std::bit_cast<std::uint32_t>(cell);
    return static_cast<std::int32_t>(((bits << 1U) | (~bits >> 31U)) + 0x81000000U);
  }
};

/// Levels of detail of a heat map that grows by columns: level k holds what stands out of 2^k neighbouring
/// columns, so that any window is redrawn from O(width log columns) of them. Twice the memory of the cells.
template <class Order>
class CellPyramid final : public HeatMapCells {
 public:
  explicit CellPyramid(std::size_t num_rows) : num_rows_(num_rows), levels_(1) {}

  /// The next column, [num_rows]; amortised O(num_rows). Throws std::invalid_argument for another height.
  void append(std::span<const float> cells);

  [[nodiscard]] std::size_t num_rows() const override { return num_rows_; }
  [[nodiscard]] std::size_t num_columns() const override { return num_blocks(0); }
  [[nodiscard]] float at(std::size_t column, std::size_t row) const override {
    return levels_[0][column * num_rows_ + row];
  }

  /// Each pixel exactly the cell that stands out of those that it touches, into `pixels`: [height, width],
  /// the top row first; kNoData where no cell is. Callable from several threads while nothing is appended.
  /// Throws std::invalid_argument where `pixels` has another size or the window is empty.
  void draw(const HeatMapWindow& window, std::span<float> pixels) const override;

 private:
  [[nodiscard]] std::size_t num_blocks(std::size_t level) const {
    return num_rows_ == 0 ? 0 : levels_[level].size() / num_rows_;
  }
  [[nodiscard]] std::span<const float> block(std::size_t level, std::size_t index) const {
    return std::span(levels_[level]).subspan(index * num_rows_, num_rows_);
  }
  void join_columns(std::size_t first, std::size_t end, std::size_t first_row, std::span<float> joined) const;

  std::size_t num_rows_;
  std::vector<std::vector<float>> levels_;  // [level][block][row]
};

using LodPyramid = CellPyramid<GreatestCell>;
using DifferencePyramid = CellPyramid<FarthestCell>;
extern template class CellPyramid<GreatestCell>;
extern template class CellPyramid<FarthestCell>;

}  // namespace moesim::pictures
