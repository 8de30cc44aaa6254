#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "sim/planner/space/axis.hpp"
#include "sim/runner/worker_protocol.hpp"

namespace moesim {

/// The cases of a grid, made one by one when they are wanted. Case `index` counts from 0: the scenarios or
/// the listed cases in their order, within each the varied places in the order of their pointers, the last
/// running fastest, then the seeds.
class SweepGrid {
 public:
  /// Reads the scenarios too and checks that their kind has every place that is changed. `file` is named in
  /// errors; paths are relative to it. Throws SpecError, also for more than kMaxSweepCases, with their
  /// number.
  SweepGrid(const Json& document, const std::string& file);
  ~SweepGrid();
  SweepGrid(const SweepGrid&) = delete;
  SweepGrid& operator=(const SweepGrid&) = delete;

  [[nodiscard]] std::int64_t num_cases() const;
  /// Of its scenarios.
  [[nodiscard]] const std::string& kind() const;
  /// The varied places, then the seeds.
  [[nodiscard]] const std::vector<Axis>& axes() const;
  /// The grid with every default and its scenarios in full: equal for the same cases.
  [[nodiscard]] Json document() const;

  /// "fp8 /layout/tp=2 /seed=1", without places of one value: of its own in the grid.
  [[nodiscard]] std::string name(std::int64_t index) const;
  /// {pointer: value} against the case's scenario.
  [[nodiscard]] Json changes(std::int64_t index) const;
  /// Its id is the index.
  [[nodiscard]] WorkerRequest request(std::int64_t index) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace moesim
