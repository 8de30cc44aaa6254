#include "gui/views/load_panels.hpp"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

constexpr int kSpacing = 4;

/// A line of text above a widget.
QWidget* headed(QLabel* head, QWidget* content, QWidget* parent) {
  auto* box = new QWidget(parent);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins({});
  column->setSpacing(2);
  column->addWidget(head);
  column->addWidget(content, 1);
  head->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  return box;
}

void prepareTable(QTableView& table, LoadHotModel* model) {
  table.setModel(model);
  table.verticalHeader()->hide();
  table.horizontalHeader()->setResizeContentsPrecision(0);  // looks at the rows shown alone
  table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() + 4);
  table.setShowGrid(false);
  table.setAlternatingRowColors(true);
  table.setSelectionBehavior(QAbstractItemView::SelectRows);
  table.setSelectionMode(QAbstractItemView::SingleSelection);
  table.setSortingEnabled(true);
  table.sortByColumn(LoadHotModel::kOverMean, Qt::DescendingOrder);
  table.setMinimumSize(120, 60);
}

}  // namespace

LoadPanels::LoadPanels(ViewState& state, QWidget* parent)
    : QWidget(parent),
      m_state(state),
      m_zoom(&m_ownZoom),
      m_maps(new LoadMaps(this)),
      m_curve(new LoadCurve(this)),
      m_hottest(new LoadHotModel(this)),
      m_table(new QTableView(this)),
      m_tableTitle(new QLabel(this)),
      m_curveTitle(new QLabel(this)),
      m_readout(new QLabel(this)),
      m_grid(new QGridLayout) {
  prepareTable(*m_table, m_hottest);
  m_tableBox = headed(m_tableTitle, m_table, this);
  m_curveBox = headed(m_curveTitle, m_curve, this);
  m_curveTitle->setTextFormat(Qt::RichText);
  m_readout->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  m_readout->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->setSpacing(kSpacing);
  column->addLayout(m_grid, 1);
  column->addWidget(m_readout);
  m_grid->setSpacing(kSpacing);
  placeWidgets();
  connectState();
}

void LoadPanels::connectState() {
  connect(m_maps, &LoadMaps::stepClicked, this, [this](std::int64_t step, int side, int layer, int element) {
    m_state.setStep(step);
    select(side, layer, element);
  });
  connect(m_maps, &LoadMaps::layerClicked, this, [this](int side, int layer, int element) {
    m_state.setLayer(layer);
    select(side, layer, element);
  });
  connect(m_curve, &CellPlot::cellClicked, this, [this](QPoint cell) {
    if (m_scene) m_state.setStep(m_scene->columns()->step(cell.x()));
  });
  connect(m_table, &QTableView::clicked, m_table, &QTableView::activated);
  connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
    const LoadHotModel::Row row = m_hottest->rowAt(index.row());
    m_state.setStep(row.cell.step);
    m_state.setLayer(row.cell.layer);
    select(row.side, row.cell.layer, row.cell.element);
  });
  connect(m_maps, &LoadMaps::columnWindowAsked, this, &LoadPanels::askZoom);
  connect(m_curve, &CellPlot::columnWindowAsked, this, &LoadPanels::askZoom);
  connect(m_maps, &LoadMaps::columnHovered, this, &LoadPanels::hover);
  connect(m_curve, &CellPlot::cellHovered, this, [this](QPoint cell) { hover(cell.x()); });
  connect(&m_state, &ViewState::stepChanged, this, &LoadPanels::showStep);
  connect(&m_state, &ViewState::elementChanged, this, &LoadPanels::showElement);
  connect(&m_state, &ViewState::hoverTimeChanged, this, &LoadPanels::showHover);
  for (ViewState* zoom : {&m_state, &m_ownZoom})
    connect(zoom, &ViewState::timeRangeChanged, this, &LoadPanels::showZoom);
}

void LoadPanels::select(int /*side*/, int /*layer*/, int element) {
  m_state.setElement(element);
  if (m_texts.noun == QStringLiteral("GPU")) m_state.setGpu(element);
}

void LoadPanels::setScene(const ScenePtr& scene, const LoadTexts& texts, bool timeIsSteps) {
  const bool isPlacedAnew = !m_scene || !scene || scene->numSides() != m_scene->numSides() ||
                            scene->hasDifference() != m_scene->hasDifference();
  m_scene = scene;
  m_texts = texts;
  m_maps->setScene(scene, texts);
  if (scene) m_curve->setColumnAxis({tr("step"), scene->columns()->count(), {}, scene->columns()});
  m_curve->setScene(scene, texts.titles);
  m_hottest->setScene(scene, texts.noun, texts.titles);
  if (isPlacedAnew) placeWidgets();
  setDisplay(m_display);
  updateZoom(timeIsSteps);
  showElement();
  alignPlots();
}

void LoadPanels::setDisplay(const LoadDisplay& display) {
  m_display = display;
  m_maps->setDisplay(display);
  m_curve->setMeasure(display.measure);
  if (m_scene)
    m_curve->setLogarithmic(loadColors(display, static_cast<double>(m_scene->greatestLoad())).logarithmic);
  showStep();
  QHeaderView* header = m_table->horizontalHeader();
  const bool hasSides = m_scene && m_scene->numSides() == 2;
  header->setSectionResizeMode(hasSides ? QHeaderView::ResizeToContents : QHeaderView::Stretch);
  if (hasSides) header->setSectionResizeMode(LoadHotModel::kSide, QHeaderView::Stretch);
  showHeadings();
  alignPlots();
}

void LoadPanels::showHeadings() {
  const QString noun = m_texts.noun;
  m_tableTitle->setText(m_display.hottestOfStep ? tr("Hottest %1s of the step").arg(noun)
                                                : tr("Hottest %1s, each at its peak").arg(noun));
  if (!m_scene) return;
  const QString measure =
      m_display.measure == ImbalanceMeasure::balancedness ? tr("Balancedness") : tr("MaxVio");
  const bool isOneCurve = m_scene->numSides() < 2 || m_scene->spec().firstStep.has_value();
  QString text = tr("%1 of %2").arg(measure, layerText(m_scene->layer()));
  if (m_scene->layers().size() > 1)
    text += tr("; dashes and band: mean and range of %1 layers").arg(m_scene->layers().size());
  for (int side = 0; !isOneCurve && side < 2; ++side)
    text += QStringLiteral(" <span style='color:%1'>\u25a0</span> %2")
                .arg(sideColor(side, palette()).name(), m_texts.titles.value(side).toHtmlEscaped());
  m_curveTitle->setText(text);
  m_curveTitle->setToolTip(text);
}

void LoadPanels::updateZoom(bool timeIsSteps) {
  if (!m_scene) return;
  const StepColumns& columns = *m_scene->columns();
  const TimeRange shared = m_state.fullRange();
  const bool isCovered = shared.start <= static_cast<double>(columns.step(0)) &&
                         shared.end >= static_cast<double>(columns.step(columns.count() - 1));
  m_zoom = timeIsSteps && isCovered ? &m_state : &m_ownZoom;
  const TimeRange full{columns.stepAt(0), columns.stepAt(columns.count())};
  if (full != m_ownZoom.fullRange()) {
    // A result that goes on keeps its place.
    const TimeRange before = m_ownZoom.timeRange();
    const bool wasZoomed = before != m_ownZoom.fullRange();
    m_ownZoom.setFullRange(full);
    if (wasZoomed) m_ownZoom.setTimeRange(before);
  }
  showZoom();
}

void LoadPanels::showZoom() {
  if (!m_scene) return;
  const StepColumns& columns = *m_scene->columns();
  const TimeRange range = m_zoom->timeRange();
  CellWindow window{0, static_cast<double>(columns.count())};
  if (range != m_zoom->fullRange()) window = {columns.positionOf(range.start), columns.positionOf(range.end)};
  m_maps->setColumnWindow(window);
  m_curve->setColumnWindow(window);
}

void LoadPanels::askZoom(const CellWindow& window, bool merges) {
  if (!m_scene) return;
  const StepColumns& columns = *m_scene->columns();
  const bool isWhole = window.first <= 0 && window.end >= columns.count();
  if (isWhole)
    m_zoom->setTimeRange(m_zoom->fullRange(), merges);
  else
    m_zoom->setTimeRange({columns.stepAt(window.first), columns.stepAt(window.end)}, merges);
}

void LoadPanels::showAll() {
  m_zoom->fit();
  m_maps->fitRows();
}

void LoadPanels::hover(int column) {
  if (!m_scene) return;
  const bool isInside = column >= 0 && column < m_scene->columns()->count();
  if (m_zoom == &m_state) {
    m_state.setHoverTime(isInside ? std::optional(static_cast<double>(m_scene->columns()->step(column)))
                                  : std::nullopt);
    return;
  }
  const auto at = isInside ? std::optional(column + 0.5) : std::nullopt;
  m_maps->setHoverColumn(at);
  m_curve->setHoverColumn(at);
}

void LoadPanels::showHover() {
  if (!m_scene || m_zoom != &m_state) return;
  const auto time = m_state.hoverTime();
  const auto at = time ? std::optional(m_scene->columns()->positionOf(*time)) : std::nullopt;
  m_maps->setHoverColumn(at);
  m_curve->setHoverColumn(at);
}

void LoadPanels::showStep() {
  m_maps->setStep(m_state.step());
  if (!m_scene) return;
  const int column = m_scene->columns()->columnOf(m_state.step());
  m_curve->setMarkedColumn(column);
  m_hottest->setColumn(m_display.hottestOfStep ? std::optional(column) : std::nullopt);
  showReadout();
}

void LoadPanels::showElement() {
  m_maps->setElement(m_state.element());
  showReadout();
}

void LoadPanels::showReadout() {
  if (!m_scene) return;
  const int column = m_scene->columns()->columnOf(m_state.step());
  const int kind = m_scene->numSides() == 2 ? LoadMaps::kDifference : LoadMaps::kFirst;
  QString text = column < 0 ? QString() : m_maps->textOf(kind, column, m_scene->layer(), m_state.element());
  text.replace(QLatin1Char('\n'), QStringLiteral("   "));
  if (text.isEmpty()) text = tr("Click a cell, or move with the arrow keys, to see its numbers here.");
  m_readout->setText(text);
  m_readout->setToolTip(text);
}

bool LoadPanels::isOverSteps() const {
  const QWidget* focused = focusWidget();
  const bool isMap =
      std::ranges::any_of(std::array{LoadMaps::kFirst, LoadMaps::kSecond, LoadMaps::kDifference},
                          [&](int kind) { return focused == m_maps->steps(kind); });
  return isMap || (focused != nullptr && focused == m_curve);
}

}  // namespace moesim::gui
