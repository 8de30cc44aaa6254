#include "gui/models/load_history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

namespace moesim::gui {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

bool isHotter(const HotCell& one, const HotCell& other) {
  return std::tuple(-one.overMean, one.step, one.layer, one.element) <
         std::tuple(-other.overMean, other.step, other.layer, other.element);
}

void keepHottest(std::vector<HotCell>& cells, std::size_t maxCount) {
  const std::size_t count = std::min(maxCount, cells.size());
  std::ranges::partial_sort(cells, cells.begin() + static_cast<std::ptrdiff_t>(count), isHotter);
  cells.resize(count);
}

double meanOf(std::span<const std::uint32_t> tokens) {
  const auto sum = std::accumulate(tokens.begin(), tokens.end(), std::uint64_t{0});
  return tokens.empty() ? 0 : static_cast<double>(sum) / static_cast<double>(tokens.size());
}

/// The index of a step or layer in ascending numbers.
template <class Number, class Wanted>
std::optional<std::size_t> indexOf(std::span<const Number> numbers, Wanted wanted) {
  const auto at = std::ranges::lower_bound(numbers, wanted);
  if (at == numbers.end() || *at != wanted) return std::nullopt;
  return static_cast<std::size_t>(at - numbers.begin());
}

double meanOfNumbers(std::span<const float> values) {
  double sum = 0;
  std::size_t count = 0;
  for (const float value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? -1 : sum / static_cast<double>(count);
}

}  // namespace

LoadHistory::LoadHistory(std::shared_ptr<const pictures::LoadCube> cube) : m_cube(std::move(cube)) {
  double worst = -1;
  for (std::size_t layer = 0; layer < m_cube->layers().size(); ++layer) {
    survey(layer);
    const double mean = meanOfNumbers(m_violations[layer]);
    if (mean <= worst) continue;
    worst = mean;
    m_mostImbalanced = m_cube->layers()[layer];
  }
  keepHottest(m_peaks, kMaxPeaks);
  addRanges();
}

void LoadHistory::survey(std::size_t layer) {
  const std::size_t width = m_cube->width();
  std::vector<float> violations;
  std::vector<std::uint64_t> totals(width);
  std::vector<HotCell> peaks(width);
  for (std::size_t step = 0; step < m_cube->steps().size(); ++step) {
    const auto tokens = m_cube->row(step, layer);
    const double mean = meanOf(tokens);
    const bool hasTokens = mean > 0;
    violations.push_back(
        hasTokens ? static_cast<float>(static_cast<double>(*std::ranges::max_element(tokens)) / mean - 1)
                  : (tokens.empty() ? kNone : 0));
    for (std::size_t i = 0; hasTokens && i < width; ++i) {
      totals[i] += tokens[i];
      const auto overMean = static_cast<float>(tokens[i] / mean);
      if (overMean > peaks[i].overMean)
        peaks[i] = {m_cube->layers()[layer], static_cast<int>(i), m_cube->steps()[step], tokens[i], overMean};
    }
  }
  m_violations.push_back(std::move(violations));
  std::vector<int> order(width);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int one, int other) {
    return totals[static_cast<std::size_t>(one)] > totals[static_cast<std::size_t>(other)];
  });
  m_orders.push_back(std::move(order));
  std::erase_if(peaks, [](const HotCell& cell) { return cell.tokens == 0; });
  m_peaks.insert(m_peaks.end(), peaks.begin(), peaks.end());
}

void LoadHistory::addRanges() {
  for (std::size_t step = 0; step < m_cube->steps().size(); ++step) {
    ViolationRange range{kNone, kNone, kNone};
    float sum = 0;
    int count = 0;
    for (const auto& layer : m_violations) {
      if (std::isnan(layer[step])) continue;
      range.least = count == 0 ? layer[step] : std::min(range.least, layer[step]);
      range.greatest = count == 0 ? layer[step] : std::max(range.greatest, layer[step]);
      sum += layer[step];
      ++count;
    }
    if (count > 0) range.mean = sum / static_cast<float>(count);
    m_ranges.push_back(range);
  }
}

std::span<const std::uint32_t> LoadHistory::row(std::int64_t step, int layer) const {
  const auto stepAt = indexOf(m_cube->steps(), step);
  const auto layerAt = indexOf(m_cube->layers(), layer);
  if (!stepAt || !layerAt) return {};
  return m_cube->row(*stepAt, *layerAt);
}

bool LoadHistory::hasLayer(int layer) const {
  return indexOf(m_cube->layers(), layer).has_value();
}

std::span<const float> LoadHistory::violations(int layer) const {
  const auto at = indexOf(m_cube->layers(), layer);
  return at ? std::span<const float>(m_violations[*at]) : std::span<const float>();
}

std::span<const int> LoadHistory::order(int layer) const {
  const auto at = indexOf(m_cube->layers(), layer);
  return at ? std::span<const int>(m_orders[*at]) : std::span<const int>();
}

std::vector<HotCell> hottestAt(const LoadHistory& history, std::int64_t step, std::size_t maxCount) {
  std::vector<HotCell> cells;
  for (const int layer : history.cube().layers()) {
    const auto tokens = history.row(step, layer);
    const double mean = meanOf(tokens);
    if (mean <= 0) continue;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] > 0)
        cells.push_back({layer, static_cast<int>(i), step, tokens[i], static_cast<float>(tokens[i] / mean)});
    }
  }
  keepHottest(cells, maxCount);
  return cells;
}

}  // namespace moesim::gui
