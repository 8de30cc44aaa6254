#pragma once

#include "gui/models/memory_plan.hpp"
#include "gui/models/plan_process.hpp"
#include "gui/views/view.hpp"
#include "gui/widgets/plot_picture.hpp"

class QLabel;

namespace moesim::gui {

class EmptyStack;
class PlotWidget;

/// Memory of a GPU by pipeline rank or pool, stacked by what takes it, with the capacity as a line. Of two
/// pictures the columns stand side by side, the second ones paler.
PlotPicture memoryPlot(const MemoryPicture& first, const QString& firstTitle, const MemoryPicture* second,
                       const QString& secondTitle);

/// "memory": what takes the memory of a GPU, by pipeline rank or pool.
class MemoryView : public View {
  Q_OBJECT

 public:
  explicit MemoryView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  /// False while `moesim plan` is asked what takes the memory.
  [[nodiscard]] bool isReady() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;

 private:
  void ask(int index, const DocumentPtr& document);
  void take(int index, const PlanAnswer& answer);
  void redraw();

  PlanProcess* m_plans[2];
  QString m_faults[2];
  MemoryPicture m_pictures[2];
  QLabel* m_note;
  PlotWidget* m_plot;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
