#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "reports/pictures/load_cube.hpp"

namespace moesim::gui {

/// One expert (slot, GPU, node) of a layer at a step.
struct HotCell {
  int layer = 0;
  int element = 0;
  std::int64_t step = 0;
  std::uint32_t tokens = 0;
  float overMean = 0;  ///< tokens over the mean of the layer and step
  bool operator==(const HotCell&) const = default;
};

/// MaxVio of a step over the layers that have rows; NaN where none has.
struct ViolationRange {
  float least = 0;
  float mean = 0;
  float greatest = 0;
};

/// The rows of a load stream, and what follows from all of them. Immutable.
class LoadHistory {
 public:
  /// Looks at every number of the cube: not on the GUI thread.
  explicit LoadHistory(std::shared_ptr<const pictures::LoadCube> cube);

  [[nodiscard]] const pictures::LoadCube& cube() const { return *m_cube; }
  [[nodiscard]] bool isEmpty() const { return m_cube->empty(); }
  [[nodiscard]] int width() const { return static_cast<int>(m_cube->width()); }

  /// Tokens of the layer at the step, [width()]; empty where there is no such row.
  [[nodiscard]] std::span<const std::uint32_t> row(std::int64_t step, int layer) const;
  [[nodiscard]] bool hasLayer(int layer) const;
  /// By step, [cube().steps()]: MaxVio of the layer, NaN where it has no row; empty for an unknown layer.
  [[nodiscard]] std::span<const float> violations(int layer) const;
  /// By step, [cube().steps()].
  [[nodiscard]] std::span<const ViolationRange> violationRanges() const { return m_ranges; }
  /// Elements by their tokens of all steps, the heaviest first; empty for an unknown layer.
  [[nodiscard]] std::span<const int> order(int layer) const;
  /// With the largest mean MaxVio, the first of several; -1 without rows.
  [[nodiscard]] int mostImbalancedLayer() const { return m_mostImbalanced; }
  /// The step at which each element of each layer has its largest load, the hottest first, at most kMaxPeaks.
  [[nodiscard]] std::span<const HotCell> peaks() const { return m_peaks; }
  /// The largest load over the mean; 0 without tokens.
  [[nodiscard]] float hottest() const { return m_peaks.empty() ? 0 : m_peaks.front().overMean; }

  static constexpr std::size_t kMaxPeaks = 2000;

 private:
  void survey(std::size_t layer);
  void addRanges();

  std::shared_ptr<const pictures::LoadCube> m_cube;
  std::vector<std::vector<float>> m_violations;  // [layer][step]
  std::vector<std::vector<int>> m_orders;        // [layer][rank]
  std::vector<ViolationRange> m_ranges;
  std::vector<HotCell> m_peaks;
  int m_mostImbalanced = -1;
};

using HistoryPtr = std::shared_ptr<const LoadHistory>;

/// The hottest cells of a step, the hottest first.
std::vector<HotCell> hottestAt(const LoadHistory& history, std::int64_t step, std::size_t maxCount);

/// Mean over max, as serving engines report it, of a MaxVio.
constexpr float balancednessOf(float violation) {
  return 1 / (1 + violation);
}

}  // namespace moesim::gui
