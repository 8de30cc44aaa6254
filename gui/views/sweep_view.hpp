#pragma once

#include <QTemporaryDir>
#include <memory>

#include "gui/views/sweep_picture.hpp"
#include "gui/views/view.hpp"

class QAction;
class QCheckBox;
class QComboBox;
class QLabel;
class QTableView;

namespace moesim::gui {

class EmptyStack;
class PlotWidget;
class SweepModel;

/// "sweep": cases of a sweep or a search as points, any figure against any other, and as a table. A click on
/// a point selects its row and tells its changes and the command that runs it; a double click on a row, or
/// Enter, opens its result, or its scenario in the editor where the file keeps figures alone.
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
  QWidget* makeDetails();
  void fillChoosers();
  void redraw();
  void showLine();
  void openLine();
  void editLine();
  void copyLine();
  /// Null: none is chosen.
  [[nodiscard]] const SweepLine* chosenLine() const;
  [[nodiscard]] SweepChoice choice() const;

  SweepCases m_second;
  SweepPlot m_shown;
  SweepModel* m_model;
  QComboBox* m_x;
  QComboBox* m_y;
  QComboBox* m_color;
  QCheckBox* m_front;
  QLabel* m_colorText;
  QLabel* m_details;
  QAction* m_open = nullptr;
  QAction* m_edit = nullptr;
  QAction* m_copy = nullptr;
  PlotWidget* m_plot;
  QTableView* m_table;
  EmptyStack* m_stack;
  QString m_keys;                           // of what the choosers hold
  std::unique_ptr<QTemporaryDir> m_folder;  // results that were opened
};

}  // namespace moesim::gui
