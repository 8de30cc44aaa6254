#pragma once

#include "gui/views/view.hpp"

class QLabel;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class FigureModel;

/// The figures of the first result, its warnings above them.
class SummaryView : public View {
  Q_OBJECT

 public:
  explicit SummaryView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;

 private:
  FigureModel* m_model;
  QLabel* m_head;
  QTableView* m_table;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
