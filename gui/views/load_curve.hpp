#pragma once

#include <QPolygonF>
#include <QString>
#include <QVector>
#include <vector>

#include "gui/models/load_scene.hpp"
#include "gui/widgets/cell_plot.hpp"

namespace moesim::gui {

/// What the curve beneath load pictures tells.
enum class ImbalanceMeasure { maxViolation, balancedness };

/// MaxVio or balancedness (mean over max) of one layer over steps, with the mean and the range of all layers;
/// of two streams in two colours. A pixel covers all of its steps, so peaks are kept.
class LoadCurve : public CellPlot {
  Q_OBJECT

 public:
  using CellPlot::CellPlot;

  /// Null: nothing. `titles` of the sides.
  void setScene(const ScenePtr& scene, const QStringList& titles);
  void setMeasure(ImbalanceMeasure measure);
  [[nodiscard]] ImbalanceMeasure measure() const { return m_measure; }
  /// Of MaxVio alone; balancedness is a ratio.
  void setLogarithmic(bool logarithmic);

 protected:
  [[nodiscard]] QString hoverText(QPoint cell) const override;
  [[nodiscard]] QString rowTitle() const override;
  [[nodiscard]] QVector<AxisTick> rowTicks() const override;
  [[nodiscard]] double yOfTick(double at) const override { return yOfValue(at); }
  void paintContent(QPainter& painter) override;

 private:
  /// By recorded step, NaN where there is no row.
  struct Side {
    QString title;
    int side = 0;
    std::vector<int> columns;  ///< ascending
    std::vector<float> layer;
    std::vector<float> least;
    std::vector<float> mean;
    std::vector<float> greatest;
  };
  struct Range {
    int first = 0;
    int end = 0;
  };
  /// Values of a curve at a pixel column or at one step: its x and the indexes of its steps.
  struct Place {
    double x = 0;
    Range steps;
  };

  void fill();
  [[nodiscard]] Side sideOf(int side) const;
  [[nodiscard]] double yOfValue(double value) const;
  [[nodiscard]] bool isLogarithmic() const;
  [[nodiscard]] std::vector<Place> placesOf(const Side& side) const;
  void paintLine(QPainter& painter, const std::vector<Place>& places, const std::vector<float>& values) const;
  void paintBand(QPainter& painter, const std::vector<Place>& places, const Side& side) const;

  ScenePtr m_scene;
  QStringList m_titles;
  ImbalanceMeasure m_measure = ImbalanceMeasure::maxViolation;
  bool m_logarithmic = false;
  std::vector<Side> m_sides;
  double m_low = 0;
  double m_high = 1;
};

/// The colour of a side in curves.
QColor sideColor(int side, const QPalette& palette);

}  // namespace moesim::gui
