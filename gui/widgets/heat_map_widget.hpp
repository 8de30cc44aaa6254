#pragma once

#include <QImage>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gui/widgets/cell_plot.hpp"
#include "reports/pictures/color_lookup.hpp"
#include "reports/pictures/color_map.hpp"
#include "reports/pictures/heat_map_cells.hpp"

namespace moesim::gui {

/// A heat map: every pixel shows the cell that stands out most of those it touches, so a single hot cell is
/// seen however many there are.
class HeatMapWidget : public CellPlot {
  Q_OBJECT

 public:
  using CellsPtr = std::shared_ptr<const pictures::HeatMapCells>;
  using CellText = std::function<QString(QPoint cell)>;

  explicit HeatMapWidget(QWidget* parent = nullptr);

  /// [rows, columns]; null: nothing is drawn. Windows stay where the counts are the same.
  void setCells(const CellsPtr& cells);
  [[nodiscard]] const CellsPtr& cells() const { return m_cells; }
  void setRowAxis(const HeatMapAxis& axis);
  void setColors(const pictures::ColorMap& map, const pictures::ColorScale& scale);
  /// What the tool tip of a cell says.
  void setCellText(CellText text) { m_cellText = std::move(text); }

  /// The cell whose value is shown at a place of the widget; -1, -1 outside of the cells.
  [[nodiscard]] QPoint cellUnder(QPointF place) const override;
  /// The plot as it is drawn, one pixel for one of the screen.
  [[nodiscard]] const QImage& image();

 protected:
  [[nodiscard]] int numRows() const override { return m_rowAxis.count; }
  [[nodiscard]] QString hoverText(QPoint cell) const override;
  [[nodiscard]] QString rowTitle() const override { return m_rowAxis.title; }
  [[nodiscard]] QVector<AxisTick> rowTicks() const override;
  void paintContent(QPainter& painter) override;
  void changeEvent(QEvent* event) override;

 private:
  /// What an image was drawn of.
  struct Drawn {
    const pictures::HeatMapCells* cells = nullptr;
    CellWindow columns;
    CellWindow rows;
    QSize size;
    bool operator==(const Drawn&) const = default;
  };
  void draw(const Drawn& wanted);

  CellsPtr m_cells;
  HeatMapAxis m_rowAxis;
  const pictures::ColorMap* m_map;
  pictures::ColorScale m_scale;
  CellText m_cellText;
  std::optional<pictures::ColorLookup> m_lookup;  // none: to be made again
  QImage m_image;
  std::optional<Drawn> m_drawn;
  std::vector<float> m_pixels;
};

}  // namespace moesim::gui
