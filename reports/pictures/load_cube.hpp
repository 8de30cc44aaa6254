#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "reports/pictures/load_survey.hpp"

namespace moesim::pictures {

/// Every row of one load stream in memory, 4 bytes a number.
class LoadCube {
 public:
  LoadCube() = default;
  /// Reads the rows two times: for the shape, then for the numbers. `progress` gets the share of rows read
  /// and ends the reading with false, after which the cube is empty. Throws RunError where rows are empty or
  /// of several widths.
  explicit LoadCube(const ReadLoads& rows, const std::function<bool(double)>& progress = {});

  [[nodiscard]] bool empty() const { return steps_.empty(); }
  /// Experts, GPUs, ...
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::span<const std::int64_t> steps() const { return steps_; }  ///< ascending
  [[nodiscard]] std::span<const int> layers() const { return layers_; }         ///< ascending

  /// Tokens, [width]; empty where the layer has no row at that step. Indexes into steps() and layers().
  [[nodiscard]] std::span<const std::uint32_t> row(std::size_t step, std::size_t layer) const;
  /// MaxVio of a row, 0 where there is none.
  [[nodiscard]] double max_violation_at(std::size_t step, std::size_t layer) const;

  /// The index of the last step that is not after `step`; 0 before the first.
  [[nodiscard]] std::size_t step_index(std::int64_t step) const;
  /// The index of the layer, or of the nearest one.
  [[nodiscard]] std::size_t layer_index(int layer) const;

 private:
  std::size_t width_ = 0;
  std::vector<std::int64_t> steps_;
  std::vector<int> layers_;
  std::vector<std::uint32_t> tokens_;  // [step][layer][width]
  std::vector<bool> present_;          // [step][layer]
};

}  // namespace moesim::pictures
