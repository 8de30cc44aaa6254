#include "reports/pictures/load_survey.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "base/error.hpp"
#include "reports/pictures/pixels.hpp"

namespace moesim::pictures {
namespace {

/// Counts the distances of neighbouring steps; of a stream with endlessly many the first ones.
class StrideCount {
 public:
  void add(std::int64_t distance) {
    constexpr std::size_t kMaxDistances = 1024;
    if (distance <= 0) return;
    if (counts_.size() < kMaxDistances || counts_.contains(distance)) ++counts_[distance];
  }
  [[nodiscard]] std::int64_t commonest() const {
    const auto found = std::ranges::max_element(
        counts_, [](const auto& one, const auto& other) { return one.second < other.second; });
    return found == counts_.end() ? 1 : found->first;
  }

 private:
  std::map<std::int64_t, std::int64_t> counts_;
};

std::uint64_t sum_of(std::span<const std::uint32_t> tokens) {
  return std::accumulate(tokens.begin(), tokens.end(), std::uint64_t{0});
}

void note_hottest(HottestCell& hottest, const LoadRow& row, double violation) {
  const auto most = std::ranges::max_element(row.tokens);
  if (*most == 0 || violation + 1 <= hottest.over_mean) return;
  hottest = {violation + 1, row.step, row.layer, static_cast<int>(most - row.tokens.begin())};
}

}  // namespace

double max_violation(std::span<const std::uint32_t> tokens) {
  const auto sum = static_cast<double>(sum_of(tokens));
  if (sum == 0) return 0;
  const double mean = sum / static_cast<double>(tokens.size());
  return (static_cast<double>(*std::ranges::max_element(tokens)) - mean) / mean;
}

void over_mean(std::span<const std::uint32_t> tokens, std::vector<float>& loads) {
  loads.assign(tokens.size(), kNoData);
  const auto sum = static_cast<double>(sum_of(tokens));
  if (sum == 0) return;
  const double mean = sum / static_cast<double>(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) loads[i] = static_cast<float>(tokens[i] / mean);
}

double LoadSurvey::mean_violation() const {
  double sum = 0;
  for (const auto& [layer, survey] : layers) sum += survey.sum_violation;
  return num_rows == 0 ? 0 : sum / static_cast<double>(num_rows);
}

int LoadSurvey::most_imbalanced_layer() const {
  const auto found = std::ranges::max_element(layers, [](const auto& one, const auto& other) {
    return one.second.mean_violation() < other.second.mean_violation();
  });
  return found == layers.end() ? 0 : found->first;
}

LoadSurvey survey_loads(const ReadLoads& rows) {
  LoadSurvey survey;
  StrideCount strides;
  std::optional<std::int64_t> step;
  rows(0, std::numeric_limits<std::int64_t>::max(), [&](const LoadRow& row) {
    if (survey.num_rows == 0) survey.width = static_cast<int>(row.tokens.size());
    if (row.tokens.empty() || static_cast<int>(row.tokens.size()) != survey.width)
      throw RunError("holds load rows of several widths");
    LayerSurvey& layer = survey.layers[row.layer];
    const double violation = max_violation(row.tokens);
    layer.sum_violation += violation;
    layer.tokens.resize(row.tokens.size());
    for (std::size_t i = 0; i < row.tokens.size(); ++i) layer.tokens[i] += row.tokens[i];
    ++layer.num_rows;
    note_hottest(survey.hottest, row, violation);
    survey.first_step = survey.num_rows == 0 ? row.step : std::min(survey.first_step, row.step);
    survey.last_step = survey.num_rows == 0 ? row.step : std::max(survey.last_step, row.step);
    ++survey.num_rows;
    if (step != row.step) ++survey.num_steps;
    if (step) strides.add(row.step - *step);
    step = row.step;
  });
  survey.stride = strides.commonest();
  return survey;
}

}  // namespace moesim::pictures
