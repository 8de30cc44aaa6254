#include "reports/pictures/max_raster.hpp"

#include <algorithm>
#include <stdexcept>

namespace moesim::pictures {

MaxRaster::MaxRaster(int width, int height, std::int64_t num_columns, int num_rows)
    : width_(width),
      height_(height),
      num_columns_(num_columns),
      num_rows_(num_rows),
      pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), kNoData) {}

void MaxRaster::add(std::int64_t column, std::span<const float> cells) {
  if (cells.size() != static_cast<std::size_t>(num_rows_))
    throw std::invalid_argument("a column of another height");
  if (column < 0 || column >= num_columns_) throw std::invalid_argument("a column beyond the heat map");
  const PixelRange across = pixels_of(column, column + 1, num_columns_, width_);
  for (int row = 0; row < num_rows_; ++row) {
    const float cell = cells[static_cast<std::size_t>(row)];
    const PixelRange down = pixels_of(row, row + 1, num_rows_, height_);
    for (int y = down.first; y < down.end; ++y) {
      float* line = pixels_.data() + static_cast<std::ptrdiff_t>(y) * width_;
      for (int x = across.first; x < across.end; ++x) line[x] = std::max(line[x], cell);
    }
  }
}

}  // namespace moesim::pictures
