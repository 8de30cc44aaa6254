#pragma once

#include <array>
#include <memory>
#include <string>

#include "gui/models/load_reader.hpp"
#include "gui/models/load_scene.hpp"
#include "gui/models/step_player.hpp"
#include "gui/views/load_display.hpp"
#include "gui/views/view.hpp"

class QThreadPool;

namespace moesim::gui {

class EmptyStack;
class LoadControls;
class LoadPanels;

/// The load of experts, slots, GPUs or nodes: by layer at a step, over steps for a layer, as curves of
/// imbalance, and as a table of the hottest. Two streams of a result (before and after EPLB) or two results
/// are shown side by side with their difference. Rows are read and reduced off the GUI thread.
class LoadView : public View {
  Q_OBJECT

 public:
  explicit LoadView(ViewState& state, QWidget* parent = nullptr);
  /// Ends and waits for what is still reduced.
  ~LoadView() override;

  [[nodiscard]] QString csv() const override;
  [[nodiscard]] bool isReady() const override;
  [[nodiscard]] QString emptyText() const override;

  [[nodiscard]] LoadControls& controls() { return *m_controls; }
  [[nodiscard]] LoadPanels& panels() { return *m_panels; }
  [[nodiscard]] StepPlayer& player() { return m_player; }

 protected:
  void documentsChanged() override;

 private:
  struct Side {
    DocumentPtr document;
    std::string stream;
    QString title;
    bool operator==(const Side&) const = default;
  };

  [[nodiscard]] std::array<Side, 2> wantedSides() const;
  void chooseComparison();
  void read();
  void buildScene();
  void showScene(const ScenePtr& scene, int round);
  void showEmptyText();
  void showProgress(double fraction);
  [[nodiscard]] QString noRowsText() const;

  StepPlayer m_player;
  std::array<LoadReader, 2> m_readers;
  std::array<Side, 2> m_sides;
  bool m_hadSecond = false;
  ScenePtr m_scene;
  int m_round = 0;  // of buildScene()
  bool m_isBuilding = false;
  std::unique_ptr<QThreadPool> m_pool;
  LoadControls* m_controls;
  LoadPanels* m_panels;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
