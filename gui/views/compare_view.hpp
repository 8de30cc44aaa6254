#pragma once

#include "gui/views/view.hpp"

class QTableView;

namespace moesim::gui {

class ComparisonModel;
class DifferenceFilter;
class EmptyStack;

/// The colour of a difference beside its number: blue for less, orange for more; for a palette.
QColor differenceColor(double fraction, const QPalette& palette);

/// The inputs in which two results differ, and their figures side by side with the differences.
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
