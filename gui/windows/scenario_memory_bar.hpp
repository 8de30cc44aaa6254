#pragma once

#include "gui/models/scenario_plan.hpp"
#include "gui/windows/scenario_picture.hpp"

namespace moesim::gui {

/// Memory of a GPU of each pipeline rank or pool, stacked by what takes it, against its capacity.
class MemoryBar : public ScenarioPicture {
  Q_OBJECT

 public:
  explicit MemoryBar(QWidget* parent = nullptr);
  void setPicture(const PlanPicture& picture);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  /// "fullest: 72.5 GB of 85.5 GB, rank 1".
  [[nodiscard]] QString headline() const override;
  /// Where the stack of that number is drawn.
  [[nodiscard]] QRectF barRect(int stack) const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void drawStack(QPainter& painter, int stack) const;
  void drawScale(QPainter& painter) const;
  void drawLegend(QPainter& painter) const;
  [[nodiscard]] int rowHeight() const;
  [[nodiscard]] int labelWidth() const;
  [[nodiscard]] int legendLines(int width) const;
  [[nodiscard]] double scaleEnd() const;
  [[nodiscard]] QString tipAt(const QPointF& place) const override;

  PlanPicture m_picture;
};

}  // namespace moesim::gui
