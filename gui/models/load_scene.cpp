#include "gui/models/load_scene.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "reports/pictures/lod_pyramid.hpp"

namespace moesim::gui {
namespace {

using pictures::kNoData;

/// A pyramid whose column i is what `fill(i, cells)` gives.
template <class Pyramid, class Fill>
CellsPtr pyramidOf(int numRows, int numColumns, const Fill& fill) {
  auto pyramid = std::make_shared<Pyramid>(static_cast<std::size_t>(numRows));
  std::vector<float> cells;
  for (int column = 0; column < numColumns; ++column) {
    fill(column, cells);
    pyramid->append(cells);
  }
  return pyramid;
}

}  // namespace

LoadScene::LoadScene(LoadSceneSpec spec, const LoadScene* before) : m_spec(std::move(spec)) {
  std::set<int> layers;
  for (const HistoryPtr& side : m_spec.sides) {
    if (!side) continue;
    layers.insert(side->cube().layers().begin(), side->cube().layers().end());
    m_numRows = std::max(m_numRows, side->width());
  }
  m_layers.assign(layers.begin(), layers.end());
  m_layer = m_spec.layer && layers.contains(*m_spec.layer) ? *m_spec.layer : side(0)->mostImbalancedLayer();
  findColumns();
  addStepCells(before);
  if (hasDifference()) findGreatestDifference(before);
}

void LoadScene::findColumns() {
  std::vector<std::int64_t> steps;
  for (const HistoryPtr& side : m_spec.sides)
    if (side) steps.insert(steps.end(), side->cube().steps().begin(), side->cube().steps().end());
  m_recorded = std::make_shared<const StepColumns>(std::move(steps));
  m_columns = std::make_shared<const StepColumns>(m_recorded->evened());
  const auto count = static_cast<std::size_t>(m_columns->count());
  m_held[0] = heldSteps(side(0)->cube().steps(), *m_columns);
  if (m_spec.firstStep) m_held[0].assign(count, *m_spec.firstStep);
  if (numSides() < 2) return;
  m_held[1] = heldSteps(side(1)->cube().steps(), *m_columns);
  m_differenceSteps = m_held;
  if (m_spec.firstStep) return;
  std::vector<std::int64_t> common;
  std::ranges::set_intersection(side(0)->cube().steps(), side(1)->cube().steps(), std::back_inserter(common));
  m_differenceSteps.fill(heldSteps(common, *m_columns));
}

bool LoadScene::hasSidesOf(const LoadScene* before) const {
  return before != nullptr && before->spec().sides == m_spec.sides &&
         before->spec().firstStep == m_spec.firstStep;
}

void LoadScene::addStepCells(const LoadScene* before) {
  if (hasSidesOf(before) && before->layer() == m_layer && before->spec().isSorted == m_spec.isSorted) {
    m_stepCells = before->m_stepCells;
    m_stepDifferences = before->m_stepDifferences;
    return;
  }
  for (int at = 0; at < numSides(); ++at) {
    m_stepCells[static_cast<std::size_t>(at)] = pyramidOf<pictures::LodPyramid>(
        m_numRows, m_columns->count(),
        [&](int column, std::vector<float>& cells) { loads(at, stepAt(at, column), m_layer, cells); });
  }
  if (numSides() < 2 || side(0)->width() != side(1)->width()) return;
  m_stepDifferences = pyramidOf<pictures::DifferencePyramid>(
      m_numRows, m_columns->count(), [&](int column, std::vector<float>& cells) {
        differences(static_cast<std::size_t>(column), m_layer, cells);
      });
}

void LoadScene::findGreatestDifference(const LoadScene* before) {
  if (hasSidesOf(before)) {
    m_greatestDifference = before->m_greatestDifference;
    return;
  }
  std::vector<float> cells;
  for (std::size_t column = 0; column < m_held[0].size(); ++column) {
    const bool isSame = column > 0 && m_differenceSteps[0][column] == m_differenceSteps[0][column - 1] &&
                        m_differenceSteps[1][column] == m_differenceSteps[1][column - 1];
    if (isSame) continue;
    for (const int layer : m_layers) {
      differences(column, layer, cells);
      for (const float cell : cells)
        if (cell != kNoData) m_greatestDifference = std::max(m_greatestDifference, std::abs(cell));
    }
  }
}

std::int64_t LoadScene::stepAt(int at, int column) const {
  const auto& held = m_held[static_cast<std::size_t>(at)];
  return column < 0 || static_cast<std::size_t>(column) >= held.size()
             ? kNoStep
             : held[static_cast<std::size_t>(column)];
}

std::span<const std::uint32_t> LoadScene::tokensAt(int at, int column, int layer) const {
  const std::int64_t step = stepAt(at, column);
  return step == kNoStep ? std::span<const std::uint32_t>() : side(at)->row(step, layer);
}

/// Two sides of the same elements share the order of the first, so that a row is one element in both.
std::span<const int> LoadScene::orderOf(int at, int layer) const {
  if (!m_spec.isSorted) return {};
  const bool isShared = numSides() == 2 && side(0)->width() == side(1)->width() && side(0)->hasLayer(layer);
  return side(isShared ? 0 : at)->order(layer);
}

int LoadScene::elementAt(int at, int layer, int row) const {
  if (at >= numSides() || row < 0 || row >= side(at)->width()) return -1;
  const auto order = orderOf(at, layer);
  return order.empty() ? row : order[static_cast<std::size_t>(row)];
}

int LoadScene::rowOf(int at, int layer, int element) const {
  if (at >= numSides() || element < 0 || element >= side(at)->width()) return -1;
  const auto order = orderOf(at, layer);
  if (order.empty()) return element;
  return static_cast<int>(std::ranges::find(order, element) - order.begin());
}

void LoadScene::loads(int at, std::int64_t step, int layer, std::vector<float>& cells) const {
  cells.assign(static_cast<std::size_t>(m_numRows), kNoData);
  if (step == kNoStep) return;
  const auto tokens = side(at)->row(step, layer);
  std::uint64_t sum = 0;
  for (const std::uint32_t count : tokens) sum += count;
  if (sum == 0) return;
  const double mean = static_cast<double>(sum) / static_cast<double>(tokens.size());
  const auto order = orderOf(at, layer);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::size_t element = order.empty() ? i : static_cast<std::size_t>(order[i]);
    cells[i] = static_cast<float>(tokens[element] / mean);
  }
}

void LoadScene::differences(std::size_t column, int layer, std::vector<float>& cells) const {
  std::vector<float> first;
  loads(0, m_differenceSteps[0][column], layer, first);
  loads(1, m_differenceSteps[1][column], layer, cells);
  for (std::size_t i = 0; i < cells.size(); ++i)
    cells[i] = cells[i] == kNoData || first[i] == kNoData ? kNoData : cells[i] - first[i];
}

CellsPtr LoadScene::layerCells(int at, int column) const {
  return pyramidOf<pictures::LodPyramid>(
      m_numRows, static_cast<int>(m_layers.size()), [&](int layer, std::vector<float>& cells) {
        loads(at, stepAt(at, column), m_layers[static_cast<std::size_t>(layer)], cells);
      });
}

CellsPtr LoadScene::layerDifferences(int column) const {
  if (!hasDifference() || column < 0) return nullptr;
  return pyramidOf<pictures::DifferencePyramid>(
      m_numRows, static_cast<int>(m_layers.size()), [&](int layer, std::vector<float>& cells) {
        differences(static_cast<std::size_t>(column), m_layers[static_cast<std::size_t>(layer)], cells);
      });
}

float LoadScene::greatestLoad() const {
  float greatest = 0;
  for (const HistoryPtr& side : m_spec.sides)
    if (side) greatest = std::max(greatest, side->hottest());
  return greatest;
}

QString layerText(int layer) {
  return layer < 0 ? QCoreApplication::translate("Load", "all layers")
                   : QCoreApplication::translate("Load", "layer %1").arg(layer);
}

}  // namespace moesim::gui
