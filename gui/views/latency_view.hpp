#pragma once

#include <QVector>

#include "gui/views/view.hpp"

class QGridLayout;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class LatencyModel;
class PlotWidget;

/// "latency": how TTFT, TPOT, ITL and E2E are distributed, with their percentiles (bars of results that did
/// not record distributions), the spread of step times, and a table of all percentiles.
class LatencyView : public View {
  Q_OBJECT

 public:
  explicit LatencyView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;

 private:
  void arrange(const QVector<PlotWidget*>& shown);

  LatencyModel* m_model;
  QVector<PlotWidget*> m_plots;  // TTFT, TPOT, ITL, E2E
  PlotWidget* m_distribution;
  QGridLayout* m_grid = nullptr;
  QTableView* m_table;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
