#pragma once

#include <QObject>
#include <array>

#include "gui/models/load_scene.hpp"
#include "gui/views/load_display.hpp"
#include "gui/widgets/color_bar_widget.hpp"
#include "gui/widgets/heat_map_widget.hpp"

namespace moesim::gui {

/// The heat maps of load pictures and their colour bars, without their places: of two sides, and of the
/// difference. Their rows, layers and steps move together.
class LoadMaps : public QObject {
  Q_OBJECT

 public:
  /// First side, second side, difference.
  enum Kind { kFirst, kSecond, kDifference, kNumKinds };

  /// The widgets are children of `parent`.
  explicit LoadMaps(QWidget* parent);

  /// Null: nothing.
  void setScene(const ScenePtr& scene, const LoadTexts& texts);
  void setDisplay(const LoadDisplay& display);
  void setStep(std::int64_t step);
  void setElement(int element);
  void setColumnWindow(const CellWindow& window);
  void setHoverColumn(std::optional<double> column);
  void fitRows();

  [[nodiscard]] HeatMapWidget* steps(int kind) const { return m_steps[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] HeatMapWidget* layers(int kind) const { return m_layers[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] ColorBarWidget* loadBar() const { return m_loadBar; }
  [[nodiscard]] ColorBarWidget* differenceBar() const { return m_differenceBar; }
  /// Whether the map has something to show in the scene.
  [[nodiscard]] bool isUsed(int kind) const;
  /// What is known of an element at a column, a line a side.
  [[nodiscard]] QString textOf(int kind, int column, int layer, int element) const;

 Q_SIGNALS:
  void stepClicked(std::int64_t step, int side, int layer, int element);
  void layerClicked(int side, int layer, int element);
  void columnWindowAsked(const moesim::gui::CellWindow& window, bool merges);
  void columnHovered(int column);

 private:
  void connectMap(HeatMapWidget* map, int kind, bool isSteps);
  void setMap(HeatMapWidget* map, int kind, bool isSteps);
  void showStep();
  void showElement();
  void showColors();
  void showTitles();
  [[nodiscard]] QString stepText(int side) const;
  [[nodiscard]] QString sideText(int side, int column, int layer, int element) const;
  template <class Act>
  void forEach(const Act& act);

  ScenePtr m_scene;
  LoadTexts m_texts;
  LoadDisplay m_display;
  std::int64_t m_step = 0;
  int m_column = -1;  // of m_step
  int m_element = -1;
  std::array<HeatMapWidget*, kNumKinds> m_steps{};
  std::array<HeatMapWidget*, kNumKinds> m_layers{};
  ColorBarWidget* m_loadBar;
  ColorBarWidget* m_differenceBar;
};

}  // namespace moesim::gui
