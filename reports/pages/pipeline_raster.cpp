#include "reports/pages/pipeline_raster.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace moesim {

PipelineRaster::PipelineRaster(int num_rows, int num_columns, int num_classes, double begin_s, double end_s)
    : num_rows_(num_rows),
      num_columns_(num_columns),
      num_classes_(num_classes),
      begin_s_(begin_s),
      width_s_((end_s - begin_s) / num_columns),
      busy_(place(num_rows, 0)) {}

std::size_t PipelineRaster::place(int row, int column) const {
  return (static_cast<std::size_t>(row) * static_cast<std::size_t>(num_columns_) +
          static_cast<std::size_t>(column)) *
         static_cast<std::size_t>(num_classes_);
}

void PipelineRaster::add(int row, int of_class, double from_s, double to_s) {
  if (row < 0 || row >= num_rows_ || of_class < 0 || of_class >= num_classes_) return;
  const double from = std::max((from_s - begin_s_) / width_s_, 0.0);
  const double to = std::min((to_s - begin_s_) / width_s_, static_cast<double>(num_columns_));
  for (int column = static_cast<int>(from); column < to; ++column) {
    const double part = std::min(to, column + 1.0) - std::max(from, static_cast<double>(column));
    busy_[place(row, column) + static_cast<std::size_t>(of_class)] += static_cast<float>(part);
  }
}

int PipelineRaster::at(int row, int column) const {
  const std::span<const float> classes(&busy_[place(row, column)], static_cast<std::size_t>(num_classes_));
  if (std::accumulate(classes.begin(), classes.end(), 0.0F) < 0.5F) return -1;
  return static_cast<int>(std::ranges::max_element(classes) - classes.begin());
}

}  // namespace moesim
