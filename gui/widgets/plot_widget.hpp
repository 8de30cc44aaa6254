#pragma once

#include <QVector>
#include <QWidget>
#include <optional>

#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

class PlotCanvas;
class ViewState;

/// Lines, bars and points on axes with units, in the colours of the palette. The wheel zooms at the cursor
/// (with Shift pans), dragging pans, with Shift selects time, a double click fits; W and S zoom, A and D pan,
/// F fits, Backspace undoes a zoom. The mouse shows the value under it. Where x is time, zoom and hover are
/// those of a ViewState, and y fits what is in view; else they are the widget's own.
class PlotWidget : public QWidget {
  Q_OBJECT

 public:
  explicit PlotWidget(QWidget* parent = nullptr);
  /// x is the time of `state`, which must outlive the widget.
  explicit PlotWidget(ViewState& state, QWidget* parent = nullptr);

  /// Ranges stay where the axes are the same kind and not `fits`.
  void setPicture(const PlotPicture& picture, bool fits = true);
  [[nodiscard]] const PlotPicture& picture() const;

  [[nodiscard]] PlotRange rangeX() const;
  [[nodiscard]] PlotRange rangeY(int panel) const;
  void setRanges(PlotRange x, const QVector<PlotRange>& y);

  /// Where a place of the axes of a panel is in the widget.
  [[nodiscard]] QPointF pixelOf(int panel, double x, double y) const;
  /// Where the axes of a panel lie in the widget.
  [[nodiscard]] QRect panelRect(int panel) const;
  /// What the mouse shows at a place of the widget; empty for nothing.
  [[nodiscard]] QString hoverText(const QPointF& place) const;

  /// Gives `view` the actions of the plot, for menus: zoom, pan, fit, undo.
  void addActionsTo(QWidget& view);

 public Q_SLOTS:
  void zoomIn() { zoomBy(0.5, std::nullopt); }
  void zoomOut() { zoomBy(2, std::nullopt); }
  void panLeft() { panBy(-0.2); }
  void panRight() { panBy(0.2); }
  void fit();
  void undoZoom();
  void redoZoom();

 Q_SIGNALS:
  /// A click on a point.
  void pointClicked(int panel, int curve, int index);

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  struct Ranges {
    PlotRange x;
    QVector<PlotRange> y;
    bool operator==(const Ranges&) const = default;
  };
  void start();
  void zoomBy(double factor, std::optional<QPointF> at);
  void panBy(double part);
  void pan(QPointF pixels);
  void wheel(QWheelEvent* event);
  void press(QMouseEvent* event);
  void move(QMouseEvent* event);
  void release(QMouseEvent* event);
  [[nodiscard]] Ranges ranges() const;
  void show(const Ranges& ranges);
  void push();
  void followState();
  void followSelection();
  void selectTo(double pixel);
  [[nodiscard]] std::optional<PlotHit> hitAt(int panel, const QPointF& place) const;

  PlotCanvas* m_canvas;
  ViewState* m_state = nullptr;
  QVector<Ranges> m_undo;
  QVector<Ranges> m_redo;
  std::optional<QPointF> m_pressed;
  QPointF m_dragged;
  bool m_isDragging = false;
  std::optional<double> m_selectFrom;  // x where a selection began
};

}  // namespace moesim::gui
