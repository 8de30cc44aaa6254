#pragma once

#include <cstdint>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Spans of many rows reduced to equal columns of time: how long each class was busy in each column. Memory
/// is that of the columns, whatever the number of spans.
class PipelineRaster {
 public:
  /// Columns reach from `begin_s` to `end_s`, above it; all counts at least 1.
  PipelineRaster(int num_rows, int num_columns, int num_classes, double begin_s, double end_s);

  /// Adds the part of a time that lies in the columns; a row or class beyond them is left out.
  void add(int row, int of_class, double from_s, double to_s);

  /// The class that was busy longest in a column, -1 where all of them together were for less than half of
  /// it.
  [[nodiscard]] int at(int row, int column) const;
  [[nodiscard]] int num_rows() const { return num_rows_; }
  [[nodiscard]] int num_columns() const { return num_columns_; }

 private:
  [[nodiscard]] std::size_t place(int row, int column) const;

  int num_rows_;
  int num_columns_;
  int num_classes_;
  double begin_s_;
  double width_s_;           ///< of a column
  std::vector<float> busy_;  ///< [row][column][class], in columns
};

}  // namespace moesim
