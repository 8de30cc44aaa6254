#include <QEvent>
#include <QGridLayout>
#include <algorithm>

#include "gui/views/load_panels.hpp"

namespace moesim::gui {

void LoadPanels::placeWidgets() {
  while (m_grid->count() > 0) delete m_grid->takeAt(0);
  for (int i = 0; i < m_grid->rowCount(); ++i) m_grid->setRowStretch(i, 0);
  for (int i = 0; i < m_grid->columnCount(); ++i) m_grid->setColumnStretch(i, 0);
  if (m_scene && m_scene->numSides() == 2)
    placeTwo();
  else
    placeOne();
}

void LoadPanels::placeOne() {
  m_grid->addWidget(m_maps->steps(LoadMaps::kFirst), 0, 0);
  m_grid->addWidget(m_maps->layers(LoadMaps::kFirst), 0, 1);
  m_grid->addWidget(m_maps->loadBar(), 0, 2);
  m_grid->addWidget(m_curveBox, 1, 0);
  m_grid->addWidget(m_tableBox, 1, 1, 1, 2);
  m_grid->setRowStretch(0, 62);
  m_grid->setRowStretch(1, 38);
  m_grid->setColumnStretch(0, 62);
  m_grid->setColumnStretch(1, 38);
}

void LoadPanels::placeTwo() {
  const bool hasDifference = m_scene->hasDifference();
  for (int kind = 0; kind < (hasDifference ? 3 : 2); ++kind) {
    const int at = kind == LoadMaps::kDifference ? 3 : kind;
    m_grid->addWidget(m_maps->steps(kind), 0, at);
    m_grid->addWidget(m_maps->layers(kind), 1, at);
    m_grid->setColumnStretch(at, 1);
  }
  m_grid->addWidget(m_maps->loadBar(), 0, 2, 2, 1);
  if (hasDifference) m_grid->addWidget(m_maps->differenceBar(), 0, 4, 2, 1);
  m_grid->addWidget(m_curveBox, 2, 0, 1, hasDifference ? 2 : 1);
  m_grid->addWidget(m_tableBox, 2, hasDifference ? 2 : 1, 1, hasDifference ? 3 : 2);
  m_grid->setRowStretch(0, 38);
  m_grid->setRowStretch(1, 34);
  m_grid->setRowStretch(2, 28);
}

void LoadPanels::alignPlots() {
  // The curve is below the heat map of the same steps.
  const int margin =
      std::max(m_maps->steps(LoadMaps::kFirst)->preferredLeftMargin(), m_curve->preferredLeftMargin());
  m_maps->steps(LoadMaps::kFirst)->setLeftMargin(margin);
  m_curve->setLeftMargin(margin);
}

void LoadPanels::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  alignPlots();
}

void LoadPanels::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    showHeadings();
    alignPlots();
  }
  QWidget::changeEvent(event);
}

}  // namespace moesim::gui
