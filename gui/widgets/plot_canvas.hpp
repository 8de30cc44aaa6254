#pragma once

#include <QVector>
#include <optional>

#include "gui/widgets/plot_library.hpp"
#include "gui/widgets/plot_picture.hpp"
#include "gui/widgets/plot_scale.hpp"

namespace moesim::gui {

/// Draws a PlotPicture in the colours of its palette. Private to the widgets: others use PlotWidget.
class PlotCanvas : public QCustomPlot {
 public:
  explicit PlotCanvas(QWidget* parent = nullptr);

  void setPicture(const PlotPicture& picture);
  [[nodiscard]] const PlotPicture& picture() const { return m_picture; }
  /// Ranges below 1e-12 of their values are widened: doubles end there.
  void setRangeX(PlotRange range);
  [[nodiscard]] PlotRange rangeX() const { return m_rangeX; }
  void setRangeY(int panel, PlotRange range);
  [[nodiscard]] PlotRange rangeY(int panel) const;
  /// A line across every panel, drawn apart from the curves.
  void setCrosshair(std::optional<double> x);

  /// A part of x that is marked in every panel.
  void setBand(std::optional<PlotRange> band);

  [[nodiscard]] int panelAt(const QPointF& place) const;  ///< -1: none
  [[nodiscard]] QRect panelRect(int panel) const;
  [[nodiscard]] double xAt(double pixel) const;
  [[nodiscard]] double yAt(int panel, double pixel) const;
  [[nodiscard]] double pixelOfX(int panel, double x) const;
  [[nodiscard]] double pixelOfY(int panel, double y) const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Panel {
    QCPAxisRect* rect = nullptr;
    QCPLegend* legend = nullptr;
    QString title;
    QVector<QCPItemText*> levelTexts;
  };
  void rebuild();
  void addPanel(int index);
  void addHead(int index, Panel& panel);
  void alignPanels();
  [[nodiscard]] int columnsThatFit() const;
  QCPItemRect* makeBand(QCPAxisRect* rect);
  void addCurve(const PlotPanel& spec, const PlotCurve& curve, QCPAxisRect* rect, QCPLegend* legend);
  void addShaded(const PlotCurve& curve, QCPAxisRect* rect);
  static void addErrorBars(const PlotCurve& curve, QCPGraph* graph, QCPLegend* legend);
  void addBars(const PlotPanel& spec, QCPAxisRect* rect, QCPLegend* legend);
  void addLevels(const PlotPanel& spec, Panel& panel);
  void styleAxis(QCPAxis* axis, const PlotAxis& spec, PlotRange range);
  void scaleAxis(QCPAxis* axis, const PlotAxis& spec, PlotRange range);
  void setTextAxisTicks(QCPAxis* axis, const PlotAxis& spec);
  void arrangeLegends();
  void sharePanels();
  void fitTexts();

  PlotPicture m_picture;
  PlotRange m_rangeX;
  QVector<PlotRange> m_rangesY;
  QVector<Panel> m_panels;
  int m_columns = 1;  // of what is built
  QVector<QCPItemStraightLine*> m_crosshair;
  std::optional<double> m_crosshairX;
  QVector<QCPItemRect*> m_bands;
  std::optional<PlotRange> m_band;
};

}  // namespace moesim::gui
