#include "gui/models/step_columns.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
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

StepColumns StepColumns::evened() const {
  constexpr std::int64_t kMostTimes = 4;
  if (m_steps.size() < 3) return *this;
  std::int64_t distance = 0;
  for (std::size_t i = 1; i < m_steps.size(); ++i) distance = std::gcd(distance, m_steps[i] - m_steps[i - 1]);
  const std::int64_t count = (m_steps.back() - m_steps.front()) / distance + 1;
  if (count > kMostTimes * static_cast<std::int64_t>(m_steps.size())) return *this;
  std::vector<std::int64_t> even(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < even.size(); ++i)
    even[i] = m_steps[0] + static_cast<std::int64_t>(i) * distance;
  return StepColumns(std::move(even));
}

std::vector<std::int64_t> heldSteps(std::span<const std::int64_t> steps, const StepColumns& columns) {
  constexpr std::int64_t kMostTimes = 8;
  std::vector<std::int64_t> distances;
  for (std::size_t i = 1; i < steps.size(); ++i) distances.push_back(steps[i] - steps[i - 1]);
  std::ranges::sort(distances);
  const std::int64_t usual = distances.empty() ? 1 : distances[distances.size() / 2];
  std::vector<std::int64_t> held;
  std::size_t next = 0;  // the first step after the column
  for (const std::int64_t column : columns.steps()) {
    while (next < steps.size() && steps[next] <= column) ++next;
    if (next == 0) {
      held.push_back(kNoStep);
      continue;
    }
    const std::int64_t here = steps[next - 1];
    const std::int64_t reach = next == steps.size() ? usual : kMostTimes * usual;
    held.push_back(column - here < reach ? here : kNoStep);
  }
  return held;
}

}  // namespace moesim::gui
