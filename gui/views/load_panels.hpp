#pragma once

#include <QWidget>

#include "gui/models/load_hot_model.hpp"
#include "gui/models/view_state.hpp"
#include "gui/views/load_curve.hpp"
#include "gui/views/load_maps.hpp"

class QGridLayout;
class QLabel;
class QTableView;

namespace moesim::gui {

/// Load pictures with their places: heat maps, the curve of imbalance and the table of the hottest, linked
/// through a view state.
class LoadPanels : public QWidget {
  Q_OBJECT

 public:
  /// `state` must outlive the panels.
  explicit LoadPanels(ViewState& state, QWidget* parent = nullptr);

  /// `timeIsSteps`: the time of the state is steps, so zooms and hovering are those of every view.
  void setScene(const ScenePtr& scene, const LoadTexts& texts, bool timeIsSteps);
  void setDisplay(const LoadDisplay& display);
  [[nodiscard]] const LoadMaps& maps() const { return *m_maps; }
  [[nodiscard]] LoadMaps& maps() { return *m_maps; }
  [[nodiscard]] LoadCurve& curve() { return *m_curve; }
  [[nodiscard]] LoadHotModel& hottest() { return *m_hottest; }
  [[nodiscard]] QTableView& table() { return *m_table; }

  /// Steps shown of steps().
  [[nodiscard]] CellWindow columnWindow() const { return m_curve->columnWindow(); }
  /// Whether a picture over steps was used last, not one over layers.
  [[nodiscard]] bool isOverSteps() const;
  void showAll();
  void undoZoom() { m_zoom->undoZoom(); }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void placeWidgets();
  void placeOne();
  void placeTwo();
  void alignPlots();
  void connectState();
  void updateZoom(bool timeIsSteps);
  void showZoom();
  void askZoom(const CellWindow& window, bool merges);
  void hover(int column);
  void showHover();
  void showStep();
  void showElement();
  void showReadout();
  void showHeadings();
  void select(int side, int layer, int element);

  ViewState& m_state;
  ViewState m_ownZoom;  // over steps, where the time of the state is another
  ViewState* m_zoom;    // one of the two
  ScenePtr m_scene;
  LoadTexts m_texts;
  LoadDisplay m_display;
  LoadMaps* m_maps;
  LoadCurve* m_curve;
  LoadHotModel* m_hottest;
  QTableView* m_table;
  QLabel* m_tableTitle;
  QWidget* m_tableBox;
  QLabel* m_curveTitle;
  QWidget* m_curveBox;
  QLabel* m_readout;
  QGridLayout* m_grid;
};

}  // namespace moesim::gui
