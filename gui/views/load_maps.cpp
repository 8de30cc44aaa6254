#include "gui/views/load_maps.hpp"

#include <algorithm>
#include <numeric>

#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

QString groupedText(std::int64_t number) {
  return QString::fromStdString(pictures::grouped(number));
}

QString loadText(double load) {
  return QString::number(load, 'f', 2);
}

/// "Layer 3", "All layers".
QString capitalized(const QString& text) {
  return text.isEmpty() ? text : text.at(0).toUpper() + text.mid(1);
}

HeatMapAxis layerAxis(const LoadScene& scene) {
  HeatMapAxis axis{LoadMaps::tr("layer"), static_cast<int>(scene.layers().size()), {}, {}};
  for (const int layer : scene.layers())
    axis.labels.append(layer < 0 ? LoadMaps::tr("all") : QString::number(layer));
  return axis;
}

int columnOfLayer(const LoadScene& scene, int layer) {
  const auto at = std::ranges::lower_bound(scene.layers(), layer);
  return at == scene.layers().end() || *at != layer ? -1 : static_cast<int>(at - scene.layers().begin());
}

}  // namespace

LoadMaps::LoadMaps(QWidget* parent)
    : QObject(parent), m_loadBar(new ColorBarWidget(parent)), m_differenceBar(new ColorBarWidget(parent)) {
  for (int kind = 0; kind < kNumKinds; ++kind) {
    for (const bool isSteps : {true, false}) {
      auto* map = new HeatMapWidget(parent);
      (isSteps ? m_steps : m_layers)[static_cast<std::size_t>(kind)] = map;
      connectMap(map, kind, isSteps);
    }
  }
}

template <class Act>
void LoadMaps::forEach(const Act& act) {
  for (int kind = 0; kind < kNumKinds; ++kind) {
    act(steps(kind), kind, true);
    act(layers(kind), kind, false);
  }
}

void LoadMaps::connectMap(HeatMapWidget* map, int kind, bool isSteps) {
  const int side = kind == kSecond ? 1 : 0;
  connect(map, &CellPlot::rowWindowAsked, this, [this](const CellWindow& window) {
    forEach([&](HeatMapWidget* one, int, bool) { one->setRowWindow(window); });
  });
  if (isSteps) {
    connect(map, &CellPlot::columnWindowAsked, this, &LoadMaps::columnWindowAsked);
    connect(map, &CellPlot::cellHovered, this, [this](QPoint cell) { Q_EMIT columnHovered(cell.x()); });
  } else {
    connect(map, &CellPlot::columnWindowAsked, this, [this](const CellWindow& window) {
      for (HeatMapWidget* one : m_layers) one->setColumnWindow(window);
    });
  }
  const auto layerOf = [this, isSteps](QPoint cell) {
    return isSteps ? m_scene->layer() : m_scene->layers()[static_cast<std::size_t>(cell.x())];
  };
  connect(map, &CellPlot::cellClicked, this, [this, isSteps, side, layerOf](QPoint cell) {
    if (!m_scene) return;
    const int layer = layerOf(cell);
    const int element = m_scene->elementAt(side, layer, cell.y());
    if (isSteps)
      Q_EMIT stepClicked(m_scene->columns()->step(cell.x()), side, layer, element);
    else
      Q_EMIT layerClicked(side, layer, element);
  });
  map->setCellText([this, isSteps, kind, side, layerOf](QPoint cell) {
    if (!m_scene) return QString();
    const int layer = layerOf(cell);
    const int element = m_scene->elementAt(side, layer, cell.y());
    return textOf(kind, isSteps ? cell.x() : m_column, layer, element);
  });
}

bool LoadMaps::isUsed(int kind) const {
  if (!m_scene) return false;
  return kind == kDifference ? m_scene->hasDifference() : kind < m_scene->numSides();
}

void LoadMaps::setScene(const ScenePtr& scene, const LoadTexts& texts) {
  m_scene = scene;
  m_texts = texts;
  forEach([this](HeatMapWidget* map, int kind, bool isSteps) { setMap(map, kind, isSteps); });
  showStep();
  showElement();
  showColors();
}

void LoadMaps::setMap(HeatMapWidget* map, int kind, bool isSteps) {
  map->setVisible(isUsed(kind));
  if (!isUsed(kind)) return map->setCells(nullptr);
  const QString rows = m_scene->spec().isSorted ? tr("%1, heaviest first").arg(m_texts.noun) : m_texts.noun;
  map->setRowAxis({rows, m_scene->numRows(), {}, {}});
  if (!isSteps) return map->setColumnAxis(layerAxis(*m_scene));
  map->setColumnAxis({tr("step"), m_scene->columns()->count(), {}, m_scene->columns()});
  map->setCells(kind == kDifference ? m_scene->stepDifferences() : m_scene->stepCells(kind));
}

void LoadMaps::setStep(std::int64_t step) {
  m_step = step;
  showStep();
  showElement();
}

void LoadMaps::showStep() {
  if (!m_scene) return;
  m_column = m_scene->columns()->columnOf(m_step);
  forEach([&](HeatMapWidget* map, int kind, bool isSteps) {
    if (!isUsed(kind)) return;
    map->setMarkedColumn(isSteps ? m_column : columnOfLayer(*m_scene, m_scene->layer()));
    if (!isSteps)
      map->setCells(kind == kDifference ? m_scene->layerDifferences(m_column)
                                        : m_scene->layerCells(kind, m_column));
  });
  showTitles();
}

/// "step 1,200", or that there are no rows.
QString LoadMaps::stepText(int side) const {
  const std::int64_t step = m_scene->stepAt(side, m_column);
  return step == kNoStep ? tr("no rows at this step") : tr("step %1").arg(groupedText(step));
}

void LoadMaps::showTitles() {
  const QString layer = layerText(m_scene->layer());
  const bool isWorst = m_scene->layers().size() > 1 && m_scene->spec().layer != m_scene->layer();
  const QString overSteps = isWorst ? tr("%1, the most imbalanced, over steps") : tr("%1 over steps");
  const bool isCompared = m_scene->numSides() == 2;
  forEach([&](HeatMapWidget* map, int kind, bool isSteps) {
    if (!isUsed(kind)) return;
    if (kind == kDifference)
      map->setTitle(isSteps ? tr("Difference, %1").arg(layer) : tr("Difference"));
    else if (isCompared)
      map->setTitle(tr("%1, %2").arg(m_texts.titles.value(kind), isSteps ? layer : stepText(kind)));
    else
      map->setTitle(isSteps ? overSteps.arg(capitalized(layer)) : tr("Layers at %1").arg(stepText(kind)));
  });
}

void LoadMaps::setElement(int element) {
  m_element = element;
  showElement();
}

void LoadMaps::showElement() {
  if (!m_scene) return;
  forEach([this](HeatMapWidget* map, int kind, bool) {
    map->setSelectedCell({-1, m_scene->rowOf(kind == kSecond ? 1 : 0, m_scene->layer(), m_element)});
  });
}

void LoadMaps::setDisplay(const LoadDisplay& display) {
  m_display = display;
  showColors();
}

void LoadMaps::showColors() {
  if (!m_scene) return;
  const pictures::ColorScale loads = loadColors(m_display, static_cast<double>(m_scene->greatestLoad()));
  const double most = std::max(static_cast<double>(m_scene->greatestDifference()), 0.1);
  const double end = m_display.high.value_or(most);
  const pictures::ColorScale differences{-end, end, false};
  forEach([&](HeatMapWidget* map, int kind, bool) {
    if (kind == kDifference)
      map->setColors(pictures::diverging_map(), differences);
    else
      map->setColors(pictures::sequential_map(), loads);
  });
  m_loadBar->setColors(pictures::sequential_map(), loads);
  m_loadBar->setOpenEnds(loads.low > 0, loads.high < static_cast<double>(m_scene->greatestLoad()));
  m_loadBar->setUnit(tr("tokens of one %1 / mean").arg(m_texts.noun));
  m_differenceBar->setVisible(isUsed(kDifference));
  m_differenceBar->setColors(pictures::diverging_map(), differences);
  m_differenceBar->setOpenEnds(end < most, end < most);
  m_differenceBar->setUnit(tr("second less first, tokens / mean"));
}

void LoadMaps::setColumnWindow(const CellWindow& window) {
  for (HeatMapWidget* map : m_steps) map->setColumnWindow(window);
}

void LoadMaps::setHoverColumn(std::optional<double> column) {
  for (HeatMapWidget* map : m_steps) map->setHoverColumn(column);
}

void LoadMaps::fitRows() {
  forEach([this](HeatMapWidget* map, int, bool isSteps) {
    if (!m_scene) return;
    map->setRowWindow({0, static_cast<double>(m_scene->numRows())});
    if (!isSteps) map->setColumnWindow({0, static_cast<double>(m_scene->layers().size())});
  });
}

QString LoadMaps::sideText(int side, int column, int layer, int element) const {
  const auto tokens = m_scene->tokensAt(side, column, layer);
  const auto at = static_cast<std::size_t>(element);
  if (element < 0 || at >= tokens.size()) return tr("no rows");
  const auto sum = std::accumulate(tokens.begin(), tokens.end(), std::uint64_t{0});
  if (sum == 0) return tr("no tokens");
  const double mean = static_cast<double>(sum) / static_cast<double>(tokens.size());
  return tr("%1 tokens, %2 x the mean, %3 % of the layer's")
      .arg(groupedText(tokens[at]), loadText(tokens[at] / mean),
           QString::number(100.0 * tokens[at] / static_cast<double>(sum), 'g', 3));
}

QString LoadMaps::textOf(int kind, int column, int layer, int element) const {
  if (!m_scene || element < 0 || column < 0) return {};
  const std::int64_t held = m_scene->stepAt(kind == kSecond ? 1 : 0, column);
  const std::int64_t step = held == kNoStep || kind == kDifference ? m_scene->columns()->step(column) : held;
  QString text =
      tr("%1 %2 of %3 at step %4")
          .arg(capitalized(m_texts.noun), groupedText(element), layerText(layer), groupedText(step));
  if (kind != kDifference) return text + QLatin1Char('\n') + sideText(kind, column, layer, element);
  for (int side = 0; side < m_scene->numSides(); ++side)
    text +=
        QStringLiteral("\n%1: %2").arg(m_texts.titles.value(side), sideText(side, column, layer, element));
  return text;
}

}  // namespace moesim::gui
