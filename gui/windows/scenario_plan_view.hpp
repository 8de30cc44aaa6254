#pragma once

#include <QWidget>

#include "gui/models/plan_process.hpp"

class QLabel;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class FigureModel;
class MemoryBar;
class RankGrid;
class TopologyPreview;

/// "\u26a0 1 fault", "\u26a0 3 faults".
QString numFaultsText(int number);

/// What the plan of a scenario says: memory, ranks, topology, figures.
class PlanView : public QWidget {
  Q_OBJECT

 public:
  explicit PlanView(QWidget* parent = nullptr);

  void setAnswer(const PlanAnswer& answer);
  /// That the scenario is being checked.
  void setBusy();
  [[nodiscard]] QString csv() const;
  [[nodiscard]] const MemoryBar& memory() const { return *m_memory; }
  [[nodiscard]] const FigureModel& figures() const { return *m_figures; }

 private:
  QWidget* pictures();
  void showFigures();

  QLabel* m_head;
  MemoryBar* m_memory;
  RankGrid* m_ranks;
  TopologyPreview* m_topology;
  FigureModel* m_figures;
  QTableView* m_table;
  EmptyStack* m_stack;
  QVector<QWidget*> m_memoryPart, m_rankPart, m_topologyPart;
};

}  // namespace moesim::gui
