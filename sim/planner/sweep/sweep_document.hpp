#pragma once

#include <string_view>

#include "base/json.hpp"
#include "sim/results/sweep_reader.hpp"

namespace moesim {

/// What the cases of a kind are ranked by.
struct SweepFigure {
  std::string_view kind;
  std::string_view key;  ///< dotted path into the summary
  bool higher_is_better;
};

/// The row of a kind of scenario. Throws RunError for one that has none.
const SweepFigure& sweep_figure(std::string_view kind);

/// {schema_version, kind: "sweep", scenario_kind, moesim_version, axes, cases, done, failed, waiting, figure,
/// best: [{rank, index, name, changes, value}], failures: [{index, name, exit_code, message}]}, the ten best
/// and the first twenty failed cases; equal values in the order of the grid. It reads every case.
Json sweep_document(const SweepReader& sweep);

}  // namespace moesim
