#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim::pictures {

/// Gives every row of a load stream of the steps [first, last] to a visitor, in the order written; may be
/// called more than once. All rows are as wide.
using ReadLoads = std::function<void(std::int64_t first, std::int64_t last,
                                     const std::function<void(const LoadRow&)>& visit)>;

/// (max - mean) / mean, 0 where there are no tokens: MaxVio of the auxiliary-loss-free paper
/// (arXiv 2408.15664).
double max_violation(std::span<const std::uint32_t> tokens);

/// Tokens over their mean, [tokens.size()]; kNoData everywhere where there are none.
void over_mean(std::span<const std::uint32_t> tokens, std::vector<float>& loads);

/// One layer over all its steps.
struct LayerSurvey {
  std::int64_t num_rows = 0;
  double sum_violation = 0;
  std::vector<double> tokens;  ///< [width], of all steps

  [[nodiscard]] double mean_violation() const {
    return num_rows == 0 ? 0 : sum_violation / static_cast<double>(num_rows);
  }
};

/// The largest load over the mean of its layer and step.
struct HottestCell {
  double over_mean = 0;
  std::int64_t step = 0;
  int layer = 0;
  int index = 0;  ///< of the expert, GPU, ...
};

/// What a load stream holds, from one pass over its rows; memory is O(layers * width).
struct LoadSurvey {
  int width = 0;                      ///< experts, GPUs, ...; 0 where there are no rows
  std::map<int, LayerSurvey> layers;  ///< by layer
  std::int64_t num_rows = 0;
  std::int64_t num_steps = 0;  ///< with rows
  std::int64_t first_step = 0;
  std::int64_t last_step = 0;
  std::int64_t stride = 1;  ///< the commonest distance of neighbouring steps, the least of several
  HottestCell hottest;

  /// Columns of a heat map over steps: one for each stride.
  [[nodiscard]] std::int64_t num_columns() const { return (last_step - first_step) / stride + 1; }
  [[nodiscard]] std::int64_t column_of(std::int64_t step) const { return (step - first_step) / stride; }
  [[nodiscard]] std::int64_t step_of(std::int64_t column) const { return first_step + column * stride; }
  /// Over all layers and steps.
  [[nodiscard]] double mean_violation() const;
  /// The layer with the largest mean violation, the first of several.
  [[nodiscard]] int most_imbalanced_layer() const;
};

/// Throws RunError where rows are empty or of several widths.
LoadSurvey survey_loads(const ReadLoads& rows);

}  // namespace moesim::pictures
