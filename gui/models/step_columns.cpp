#include "gui/models/step_columns.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace moesim::gui {

StepColumns::StepColumns(std::vector<std::int64_t> steps) : m_steps(std::move(steps)) {
  std::ranges::sort(m_steps);
  const auto doubles = std::ranges::unique(m_steps);
  m_steps.erase(doubles.begin(), doubles.end());
}

int StepColumns::columnOf(std::int64_t step) const {
  if (m_steps.empty()) return -1;
  const auto after = std::ranges::upper_bound(m_steps, step);
  return after == m_steps.begin() ? 0 : static_cast<int>(after - m_steps.begin()) - 1;
}

/// The column whose distance to the next one holds around `column`.
std::size_t StepColumns::segmentOf(std::size_t column) const {
  return std::min(column, m_steps.size() - 2);
}

double StepColumns::positionOf(double step) const {
  if (m_steps.empty()) return 0;
  if (m_steps.size() == 1) return 0.5 + step - static_cast<double>(m_steps[0]);
  const auto after =
      std::ranges::upper_bound(m_steps, step, {}, [](std::int64_t one) { return static_cast<double>(one); });
  const auto last = after == m_steps.begin() ? 0 : static_cast<std::size_t>(after - m_steps.begin()) - 1;
  const std::size_t at = segmentOf(last);
  const auto here = static_cast<double>(m_steps[at]);
  return static_cast<double>(at) + 0.5 + (step - here) / (static_cast<double>(m_steps[at + 1]) - here);
}

double StepColumns::stepAt(double position) const {
  if (m_steps.empty()) return 0;
  if (m_steps.size() == 1) return static_cast<double>(m_steps[0]) + position - 0.5;
  const std::size_t at = segmentOf(static_cast<std::size_t>(std::max(0.0, std::floor(position - 0.5))));
  const auto here = static_cast<double>(m_steps[at]);
  return here + (position - 0.5 - static_cast<double>(at)) * (static_cast<double>(m_steps[at + 1]) - here);
}

}  // namespace moesim::gui
