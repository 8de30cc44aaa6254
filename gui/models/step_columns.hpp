#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace moesim::gui {

/// The columns of pictures over steps, one a step, whatever lies between. Column i reaches from i to
/// i + 1 and its step is in its middle; positions between are linear in the step.
class StepColumns {
 public:
  StepColumns() = default;
  /// In any order, doubles are dropped.
  explicit StepColumns(std::vector<std::int64_t> steps);

  [[nodiscard]] int count() const { return static_cast<int>(m_steps.size()); }
  [[nodiscard]] bool isEmpty() const { return m_steps.empty(); }
  [[nodiscard]] std::span<const std::int64_t> steps() const { return m_steps; }
  /// 0 <= column < count().
  [[nodiscard]] std::int64_t step(int column) const { return m_steps[static_cast<std::size_t>(column)]; }
  /// The column of the last step that is not after `step`, 0 before the first; -1 where there is none.
  [[nodiscard]] int columnOf(std::int64_t step) const;
  /// The position of a step or of what lies between two or beyond; 0 where there are none.
  [[nodiscard]] double positionOf(double step) const;
  /// The inverse of positionOf().
  [[nodiscard]] double stepAt(double position) const;

  bool operator==(const StepColumns&) const = default;

  /// Columns at even distances that hold all of these steps, so that an axis over them is linear; these steps
  /// alone where that would take more than four times as many.
  [[nodiscard]] StepColumns evened() const;

 private:
  [[nodiscard]] std::size_t segmentOf(std::size_t column) const;

  std::vector<std::int64_t> m_steps;  // ascending
};

inline constexpr std::int64_t kNoStep = std::numeric_limits<std::int64_t>::min();

/// Which of `steps` (ascending) each column shows: the last one that is not after the column, up to the next
/// one; kNoStep before the first, and where none was recorded for much longer than is usual among them.
std::vector<std::int64_t> heldSteps(std::span<const std::int64_t> steps, const StepColumns& columns);

}  // namespace moesim::gui
