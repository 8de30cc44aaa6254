#pragma once

#include "gui/views/validation_picture.hpp"
#include "gui/views/view.hpp"

class QComboBox;
class QLabel;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class PlotWidget;
class ValidationModel;

/// "validation": predicted against published figures of a validation document, their errors, and a table with
/// sources. A click on a point selects its row.
class ValidationView : public View {
  Q_OBJECT

 public:
  explicit ValidationView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;

 private:
  void redraw();
  void chooseFigure(const ValidationPlot& plot, int curve, int index);

  QVector<ValidationFigure> m_second;
  ValidationPlot m_scatterPlot;
  ValidationPlot m_errorPlot;
  ValidationModel* m_model;
  QLabel* m_summary;
  QComboBox* m_group;
  PlotWidget* m_scatter;
  PlotWidget* m_errors;
  QTableView* m_table;
  EmptyStack* m_stack;
};

}  // namespace moesim::gui
