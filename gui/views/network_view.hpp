#pragma once

#include "gui/models/plan_process.hpp"
#include "gui/views/network_loader.hpp"
#include "gui/views/view.hpp"

class QCheckBox;
class QComboBox;
class QLabel;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class NetworkMaps;
class NetworkModel;
class TopologyWidget;

/// "network": the nodes and GPUs of a result below their network, traffic between GPUs as a matrix, and the
/// busiest links. A click on a GPU selects it everywhere.
class NetworkView : public View {
  Q_OBJECT

 public:
  explicit NetworkView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] bool isReady() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;

 private:
  QWidget* makeBar();
  void addActions();
  void moveStep(int by);
  void moveLayer(int by);
  void selectBusiest();
  void ask();
  void show(const NetworkLoads& loads);
  void showTopology();
  void showLinks();
  void showPlan(const PlanAnswer& answer);
  void selectGpu(int gpu);

  NetworkLoader* m_loader;
  PlanProcess* m_plan;
  NetworkLoads m_loads;
  NetworkModel* m_model;
  QCheckBox* m_allSteps;
  QComboBox* m_layer;
  QComboBox* m_links;
  QLabel* m_note;
  TopologyWidget* m_topology;
  NetworkMaps* m_maps;
  QTableView* m_table;
  EmptyStack* m_stack;
  QString m_network;  // what the plan says of it
};

}  // namespace moesim::gui
