#pragma once

#include <cstddef>
#include <span>

#include "reports/pictures/pixels.hpp"

namespace moesim::pictures {

/// The part of a heat map that fills width x height pixels. Cell i reaches from i to i + 1; what lies outside
/// of the heat map has no data.
struct HeatMapWindow {
  double first_column = 0;
  double end_column = 1;  ///< above first_column
  double first_row = 0;   ///< at the top
  double end_row = 1;     ///< above first_row
  int width = 1;
  int height = 1;
};

/// The cells of a heat map, which can be reduced to the pixels of any window.
class HeatMapCells {
 public:
  virtual ~HeatMapCells() = default;

  [[nodiscard]] virtual std::size_t num_rows() const = 0;
  [[nodiscard]] virtual std::size_t num_columns() const = 0;
  /// kNoData where the cell has none. column < num_columns(), row < num_rows().
  [[nodiscard]] virtual float at(std::size_t column, std::size_t row) const = 0;
  /// Each pixel that of its cells which stands out most, into `pixels`: [height, width], the top row first;
  /// kNoData where no cell is. Callable from several threads. Throws std::invalid_argument where `pixels` has
  /// another size or the window is empty.
  virtual void draw(const HeatMapWindow& window, std::span<float> pixels) const = 0;

 protected:
  HeatMapCells() = default;
  HeatMapCells(const HeatMapCells&) = default;
  HeatMapCells(HeatMapCells&&) = default;
  HeatMapCells& operator=(const HeatMapCells&) = default;
  HeatMapCells& operator=(HeatMapCells&&) = default;
};

}  // namespace moesim::pictures
