#pragma once

#include <QStringList>

#include "gui/views/view.hpp"

class QLabel;

namespace moesim::gui {

class EmptyStack;
class PlotWidget;
class SeriesList;

/// "throughput": curves of a result over time or steps, a panel for each figure, with a list to choose them;
/// rates and phases of a training step as bars.
class SeriesView : public View {
  Q_OBJECT

 public:
  explicit SeriesView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] QString emptyText() const override;
  [[nodiscard]] QStringList shownSeries() const;
  void showSeries(const QStringList& names);

 protected:
  void documentsChanged() override;

 private:
  void redraw();
  void showRange();

  QLabel* m_rates;
  QLabel* m_range;  // what the curves are in the selected time
  SeriesList* m_list;
  PlotWidget* m_plot;
  PlotWidget* m_bars;
  EmptyStack* m_curves;  // m_plot, or that none is chosen
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
