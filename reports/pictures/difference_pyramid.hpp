#pragma once

#include <cstddef>
#include <span>

#include "reports/pictures/lod_pyramid.hpp"

namespace moesim::pictures {

/// Levels of detail of cells with a sign, such as differences: a pixel is the cell farthest from 0, the
/// greater one of two as far. Four times the memory of the cells.
class DifferencePyramid final : public HeatMapCells {
 public:
  explicit DifferencePyramid(std::size_t num_rows) : greatest_(num_rows), least_(num_rows) {}

  /// The next column, [num_rows]; amortised O(num_rows). Throws std::invalid_argument for another height.
  void append(std::span<const float> cells);

  [[nodiscard]] std::size_t num_rows() const override { return greatest_.num_rows(); }
  [[nodiscard]] std::size_t num_columns() const override { return greatest_.num_columns(); }
  [[nodiscard]] float at(std::size_t column, std::size_t row) const override {
    return greatest_.at(column, row);
  }
  void draw(const HeatMapWindow& window, std::span<float> pixels) const override;

 private:
  LodPyramid greatest_;
  LodPyramid least_;  // with the other sign
};

}  // namespace moesim::pictures
