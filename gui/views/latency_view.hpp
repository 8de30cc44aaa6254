#pragma once

#include <QVector>

#include "gui/models/latency_figures.hpp"
#include "gui/views/view.hpp"
#include "gui/widgets/plot_picture.hpp"

class QGridLayout;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class LatencyModel;
class PlotWidget;

/// A latency as bars by statistic, of one result or two beside each other, the SLO as a line.
PlotPicture latencyBars(const QString& key, const RunDocument& first, const RunDocument* second);

/// The share of samples of step times at most as long, a curve for each pool; no panel without samples.
PlotPicture stepTimePlot(const RunDocument& first, const RunDocument* second);

/// "latency": percentiles of TTFT, TPOT, ITL and E2E, the distribution of step times, and a table of both.
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
  QVector<PlotWidget*> m_bars;  // TTFT, TPOT, ITL, E2E
  PlotWidget* m_distribution;
  QGridLayout* m_grid = nullptr;
  QTableView* m_table;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
