#pragma once

#include "gui/views/view.hpp"

class QTableView;

namespace moesim::gui {

class ComparisonModel;
class DifferenceFilter;
class EmptyStack;

/// The figures of two results side by side with their differences, and the inputs that differ.
class CompareView : public View {
  Q_OBJECT

 public:
  explicit CompareView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;

 private:
  ComparisonModel* m_model;
  DifferenceFilter* m_filter;
  QTableView* m_table;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
