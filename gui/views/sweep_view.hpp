#pragma once

#include <QTemporaryDir>
#include <memory>

#include "gui/views/sweep_picture.hpp"
#include "gui/views/view.hpp"

class QCheckBox;
class QComboBox;
class QLabel;
class QSortFilterProxyModel;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class PlotWidget;
class SweepModel;

/// "sweep": cases of a sweep or a search as points, any figure against any other, and as a table. A click on
/// a point selects its row and tells its changes; a double click on a row, or Enter, opens its result.
class SweepView : public View {
  Q_OBJECT

 public:
  explicit SweepView(ViewState& state, QWidget* parent = nullptr);
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] QString emptyText() const override;

 protected:
  void documentsChanged() override;
  void changeEvent(QEvent* event) override;

 private:
  QWidget* makeChoosers();
  void fillChoosers();
  void redraw();
  void selectLine(int line);
  void showLine();
  void openLine();
  [[nodiscard]] int selectedLine() const;
  [[nodiscard]] SweepChoice choice() const;

  SweepCases m_second;
  SweepPlot m_shown;
  SweepModel* m_model;
  QSortFilterProxyModel* m_sorted;
  QComboBox* m_x;
  QComboBox* m_y;
  QComboBox* m_color;
  QCheckBox* m_front;
  QLabel* m_colorText;
  QLabel* m_details;
  PlotWidget* m_plot;
  QTableView* m_table;
  EmptyStack* m_stack;
  QString m_keys;                           // of what the choosers hold
  std::unique_ptr<QTemporaryDir> m_folder;  // results that were opened
};

}  // namespace moesim::gui
