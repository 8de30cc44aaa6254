#pragma once

#include <QPoint>
#include <QString>
#include <QWidget>
#include <optional>

#include "gui/widgets/heat_map_axis.hpp"

class QPainter;

namespace moesim::gui {

/// A framed plot over cells along x: title, axes, and the ways to move in it. The wheel zooms at the cursor,
/// with Ctrl along y, dragging pans, dragging with Shift zooms to what is framed, a double click shows all;
/// W, S, A, D do the same by keys, arrows move the selection.
class CellPlot : public QWidget {
  Q_OBJECT

 public:
  explicit CellPlot(QWidget* parent = nullptr);

  void setTitle(const QString& title);
  [[nodiscard]] const QString& title() const { return m_title; }
  void setColumnAxis(const HeatMapAxis& axis);
  [[nodiscard]] const HeatMapAxis& columnAxis() const { return m_columnAxis; }
  void setColumnWindow(const CellWindow& window);
  [[nodiscard]] const CellWindow& columnWindow() const { return m_columns; }
  /// Cut to the rows there are.
  void setRowWindow(const CellWindow& window);
  [[nodiscard]] const CellWindow& rowWindow() const { return m_rows; }
  /// A line over all rows, e.g. the step shown; -1: none.
  void setMarkedColumn(int column);
  [[nodiscard]] int markedColumn() const { return m_markedColumn; }
  /// Framed; -1 along a direction: none.
  void setSelectedCell(QPoint cell);
  [[nodiscard]] QPoint selectedCell() const { return m_selectedCell; }
  /// Where the mouse of another view is, in cells.
  void setHoverColumn(std::optional<double> column);

  /// Space for numbers and titles at the left; plots below each other share the larger one.
  void setLeftMargin(int pixels);
  [[nodiscard]] int preferredLeftMargin() const;
  [[nodiscard]] QRect plotRect() const;
  /// Places in the widget of the corners of cells.
  [[nodiscard]] double xOf(double column) const;
  [[nodiscard]] double yOf(double row) const;
  [[nodiscard]] QRectF rectOf(QPoint cell) const;

  [[nodiscard]] QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void cellClicked(QPoint cell);
  /// -1, -1 where the mouse leaves.
  void cellHovered(QPoint cell);
  /// What is zoomed or moved to; `merges` with the one before, as wheels and dragging do.
  void columnWindowAsked(const moesim::gui::CellWindow& window, bool merges);
  void rowWindowAsked(const moesim::gui::CellWindow& window);

 protected:
  /// Cells along y; 0: y has no cells.
  [[nodiscard]] virtual int numRows() const { return 0; }
  /// The cell that stands for a place in the plot.
  [[nodiscard]] virtual QPoint cellUnder(QPointF place) const;
  /// For the tool tip; empty: none.
  [[nodiscard]] virtual QString hoverText(QPoint cell) const = 0;
  [[nodiscard]] virtual QString rowTitle() const = 0;
  /// At places of the widget, from top to bottom.
  [[nodiscard]] virtual QVector<AxisTick> rowTicks() const = 0;
  /// Of rowTicks(), in pixels of the widget.
  [[nodiscard]] virtual double yOfTick(double at) const { return yOf(at); }
  /// Inside of plotRect(), below the frame and the marks.
  virtual void paintContent(QPainter& painter) = 0;

  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void paintAxes(QPainter& painter) const;
  void paintMarks(QPainter& painter) const;
  void pan(QPoint by);
  void zoomToBand();
  void moveSelection(int columns, int rows);
  void zoomColumns(double anchor, double factor);
  void showAll();

  QString m_title;
  HeatMapAxis m_columnAxis;
  CellWindow m_columns;
  CellWindow m_rows;
  int m_leftMargin = 0;
  int m_markedColumn = -1;
  QPoint m_selectedCell{-1, -1};
  std::optional<double> m_hoverColumn;
  std::optional<QPoint> m_pressed;  // where the mouse went down
  QPoint m_dragged;                 // where it was then
  bool m_isDragging = false;
  std::optional<QRect> m_band;  // that is zoomed to
};

}  // namespace moesim::gui
