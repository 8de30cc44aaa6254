#pragma once

#include <QString>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gui/models/load_history.hpp"
#include "gui/models/step_columns.hpp"
#include "reports/pictures/heat_map_cells.hpp"

namespace moesim::gui {

using CellsPtr = std::shared_ptr<const pictures::HeatMapCells>;

/// What load pictures are asked to show.
struct LoadSceneSpec {
  std::array<HistoryPtr, 2> sides;        ///< the second null: nothing is compared; neither empty
  std::optional<int> layer;               ///< absent or unknown: the most imbalanced one of the first side
  bool isSorted = false;                  ///< rows by the tokens of all steps, the heaviest at the top
  std::optional<std::int64_t> firstStep;  ///< the first side shows this step at every column
};

/// Load pictures of one stream or of two that are compared, on common columns and rows. Columns are at even
/// steps where that can be; one whose step was not recorded shows the recorded one before it. Loads are
/// tokens over the mean of their layer and step, differences those of the second side less those of the
/// first, of steps that both recorded. Immutable.
class LoadScene {
 public:
  /// O(steps * width), and O(rows) for two sides that `before` does not hold: not on the GUI thread.
  explicit LoadScene(LoadSceneSpec spec, const LoadScene* before = nullptr);

  [[nodiscard]] const LoadSceneSpec& spec() const { return m_spec; }
  [[nodiscard]] const HistoryPtr& side(int side) const {
    return m_spec.sides[static_cast<std::size_t>(side)];
  }
  [[nodiscard]] int numSides() const { return m_spec.sides[1] ? 2 : 1; }
  /// Both sides have rows of the same elements.
  [[nodiscard]] bool hasDifference() const { return m_stepDifferences != nullptr; }

  /// Of pictures.
  [[nodiscard]] const std::shared_ptr<const StepColumns>& columns() const { return m_columns; }
  /// The steps that a side recorded.
  [[nodiscard]] const std::shared_ptr<const StepColumns>& recorded() const { return m_recorded; }
  /// Of both sides, ascending.
  [[nodiscard]] std::span<const int> layers() const { return m_layers; }
  /// The layer that pictures over steps show.
  [[nodiscard]] int layer() const { return m_layer; }
  /// Rows of pictures: the elements of the wider side.
  [[nodiscard]] int numRows() const { return m_numRows; }

  /// Element of a row, -1 where the side has none; and back.
  [[nodiscard]] int elementAt(int side, int layer, int row) const;
  [[nodiscard]] int rowOf(int side, int layer, int element) const;
  /// The recorded step that a side shows at a column; kNoStep where it has none.
  [[nodiscard]] std::int64_t stepAt(int side, int column) const;
  /// Tokens by element that a side shows at a column; empty where it has none.
  [[nodiscard]] std::span<const std::uint32_t> tokensAt(int side, int column, int layer) const;

  /// [numRows(), columns()] of layer().
  [[nodiscard]] const CellsPtr& stepCells(int side) const {
    return m_stepCells[static_cast<std::size_t>(side)];
  }
  [[nodiscard]] const CellsPtr& stepDifferences() const { return m_stepDifferences; }
  /// [numRows(), layers()] at a column; O(numRows * layers).
  [[nodiscard]] CellsPtr layerCells(int side, int column) const;
  [[nodiscard]] CellsPtr layerDifferences(int column) const;

  /// Of all rows of the sides.
  [[nodiscard]] float greatestLoad() const;
  /// The largest difference of all rows, without sign.
  [[nodiscard]] float greatestDifference() const { return m_greatestDifference; }

 private:
  void findColumns();
  void loads(int side, std::int64_t step, int layer, std::vector<float>& cells) const;
  void differences(std::size_t column, int layer, std::vector<float>& cells) const;
  void addStepCells(const LoadScene* before);
  void findGreatestDifference(const LoadScene* before);
  [[nodiscard]] bool hasSidesOf(const LoadScene* before) const;
  [[nodiscard]] std::span<const int> orderOf(int side, int layer) const;

  LoadSceneSpec m_spec;
  std::shared_ptr<const StepColumns> m_columns;
  std::shared_ptr<const StepColumns> m_recorded;
  std::array<std::vector<std::int64_t>, 2> m_held;             // [column]
  std::array<std::vector<std::int64_t>, 2> m_differenceSteps;  // [column], of either side
  std::vector<int> m_layers;
  int m_layer = -1;
  int m_numRows = 0;
  std::array<CellsPtr, 2> m_stepCells;
  CellsPtr m_stepDifferences;
  float m_greatestDifference = 0;
};

using ScenePtr = std::shared_ptr<const LoadScene>;

/// "layer 3"; "all layers" for -1.
QString layerText(int layer);

}  // namespace moesim::gui
