#include "reports/pictures/lod_pyramid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace moesim::pictures {
namespace {

/// Cells from `first` up to, not including, `end`.
struct CellRange {
  std::size_t first = 0;
  std::size_t end = 0;
  bool operator==(const CellRange&) const = default;
};

/// The cells that pixel `index` of `count` touches in [first, end) of `num_cells`.
CellRange cells_of(int index, int count, double first, double end, std::size_t num_cells) {
  const double width = (end - first) / count;
  const double low = first + index * width;
  const double high = first + (index + 1) * width;
  const auto last = static_cast<double>(num_cells);
  const double from = std::clamp(std::floor(low), 0.0, last);
  const double to = std::clamp(std::max(std::ceil(high), std::floor(low) + 1), 0.0, last);
  return {static_cast<std::size_t>(from), static_cast<std::size_t>(to)};
}

/// Pixel columns drawn together, so that each line of pixels is written in pieces.
constexpr int kStrip = 32;
/// Cells are joined in blocks of a length that compilers know, as vectors.
constexpr std::size_t kBlock = 16;

template <class Order>
void join(std::span<float> joined, const float* cells) {
  std::size_t i = 0;
  for (; i + kBlock <= joined.size(); i += kBlock) {
    float* block = joined.data() + i;
    for (std::size_t k = 0; k < kBlock; ++k) block[k] = Order::of(cells[i + k], block[k]);
  }
  for (; i < joined.size(); ++i) joined[i] = Order::of(cells[i], joined[i]);
}

std::vector<CellRange> rows_of(const HeatMapWindow& window, std::size_t num_rows) {
  std::vector<CellRange> rows;
  for (int y = 0; y < window.height; ++y)
    rows.push_back(cells_of(y, window.height, window.first_row, window.end_row, num_rows));
  return rows;
}

/// `count` columns of cells, [kStrip, rows of the window], as pixels that begin at `pixels`, `width` a line.
template <class Order>
void draw_strip(const std::vector<float>& strip, const std::vector<CellRange>& rows, int count,
                std::size_t width, float* pixels) {
  using Line = std::array<float, kStrip>;
  const std::size_t num_rows = strip.size() / kStrip;
  std::vector<Line> lines(num_rows);
  for (std::size_t row = 0; row < num_rows; ++row)
    for (std::size_t i = 0; i < kStrip; ++i) lines[row][i] = strip[i * num_rows + row];
  for (std::size_t y = 0; y < rows.size(); ++y) {
    float* pixel = pixels + y * width;
    if (y > 0 && rows[y] == rows[y - 1]) {
      std::copy_n(pixel - width, count, pixel);
      continue;
    }
    Line joined;
    joined.fill(kNoData);
    for (std::size_t row = rows[y].first; row < rows[y].end; ++row) {
      const Line& line = lines[row - rows.front().first];
      for (std::size_t i = 0; i < kStrip; ++i) joined[i] = Order::of(line[i], joined[i]);
    }
    std::copy_n(joined.begin(), count, pixel);
  }
}

}  // namespace

template <class Order>
void CellPyramid<Order>::append(std::span<const float> cells) {
  if (cells.size() != num_rows_) throw std::invalid_argument("a column of another height");
  levels_[0].insert(levels_[0].end(), cells.begin(), cells.end());
  for (std::size_t level = 0; num_blocks(level) > 0 && num_blocks(level) % 2 == 0; ++level) {
    if (level + 1 == levels_.size()) levels_.emplace_back();
    const std::size_t last = num_blocks(level) - 1;
    const std::span<const float> left = block(level, last - 1);
    std::vector<float> joined(left.begin(), left.end());
    join<Order>(joined, block(level, last).data());
    levels_[level + 1].insert(levels_[level + 1].end(), joined.begin(), joined.end());
  }
}

template <class Order>
void CellPyramid<Order>::join_columns(std::size_t first, std::size_t end, std::size_t first_row,
                                      std::span<float> joined) const {
  // Whole blocks alone: at each level an odd border is taken, the rest is a level coarser.
  for (std::size_t level = 0; first < end; ++level, first /= 2, end /= 2) {
    if (first % 2 == 1) join<Order>(joined, block(level, first++).data() + first_row);
    if (end % 2 == 1) join<Order>(joined, block(level, --end).data() + first_row);
  }
}

template <class Order>
void CellPyramid<Order>::draw(const HeatMapWindow& window, std::span<float> pixels) const {
  if (window.width < 1 || window.height < 1 || !(window.end_column > window.first_column) ||
      !(window.end_row > window.first_row))
    throw std::invalid_argument("an empty window");
  const auto width = static_cast<std::size_t>(window.width);
  if (pixels.size() != width * static_cast<std::size_t>(window.height))
    throw std::invalid_argument("pixels of another size");
  const std::vector<CellRange> rows = rows_of(window, num_rows_);
  const std::size_t first_row = rows.front().first;
  const std::size_t num_rows = rows.back().end - first_row;
  std::vector<float> strip(kStrip * num_rows);
  for (int begin = 0; begin < window.width; begin += kStrip) {
    const int count = std::min(kStrip, window.width - begin);
    std::ranges::fill(strip, kNoData);
    for (int i = 0; i < count; ++i) {
      const CellRange columns =
          cells_of(begin + i, window.width, window.first_column, window.end_column, num_columns());
      join_columns(columns.first, columns.end, first_row,
                   std::span(strip).subspan(static_cast<std::size_t>(i) * num_rows, num_rows));
    }
    draw_strip<Order>(strip, rows, count, width, pixels.data() + begin);
  }
}

template class CellPyramid<GreatestCell>;
template class CellPyramid<FarthestCell>;

}  // namespace moesim::pictures
