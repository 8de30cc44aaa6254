#include "reports/pictures/load_cube.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace moesim::pictures {
namespace {

constexpr std::int64_t kFirstStep = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastStep = std::numeric_limits<std::int64_t>::max();

}  // namespace

LoadCube::LoadCube(const ReadLoads& rows, const std::function<bool(double)>& progress) {
  const LoadSurvey survey = survey_loads(rows);
  if (survey.num_rows == 0) return;
  std::set<std::int64_t> steps;
  rows(kFirstStep, kLastStep, [&](const LoadRow& row) { steps.insert(row.step); });
  width_ = static_cast<std::size_t>(survey.width);
  steps_.assign(steps.begin(), steps.end());
  for (const auto& [layer, unused] : survey.layers) layers_.push_back(layer);
  tokens_.assign(steps_.size() * layers_.size() * width_, 0);
  present_.assign(steps_.size() * layers_.size(), false);

  std::int64_t num_read = 0;
  bool goes_on = true;
  rows(kFirstStep, kLastStep, [&](const LoadRow& row) {
    if (!goes_on) return;
    const std::size_t at = step_index(row.step) * layers_.size() + layer_index(row.layer);
    std::ranges::copy(row.tokens, tokens_.begin() + static_cast<std::ptrdiff_t>(at * width_));
    present_[at] = true;
    if (progress && ++num_read % 1024 == 0)
      goes_on = progress(static_cast<double>(num_read) / static_cast<double>(survey.num_rows));
  });
  if (!goes_on) *this = LoadCube();
}

std::span<const std::uint32_t> LoadCube::row(std::size_t step, std::size_t layer) const {
  const std::size_t at = step * layers_.size() + layer;
  if (!present_[at]) return {};
  return std::span(tokens_).subspan(at * width_, width_);
}

double LoadCube::max_violation_at(std::size_t step, std::size_t layer) const {
  return max_violation(row(step, layer));
}

std::size_t LoadCube::step_index(std::int64_t step) const {
  const auto after = std::ranges::upper_bound(steps_, step);
  return after == steps_.begin() ? 0 : static_cast<std::size_t>(after - steps_.begin()) - 1;
}

std::size_t LoadCube::layer_index(int layer) const {
  const auto at = std::ranges::lower_bound(layers_, layer);
  if (at == layers_.end()) return layers_.empty() ? 0 : layers_.size() - 1;
  if (at != layers_.begin() && *at - layer > layer - *(at - 1))
    return static_cast<std::size_t>(at - layers_.begin()) - 1;
  return static_cast<std::size_t>(at - layers_.begin());
}

}  // namespace moesim::pictures
