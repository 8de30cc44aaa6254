#pragma once

#include <QVector>

#include "gui/models/scenario_plan.hpp"
#include "gui/windows/scenario_picture.hpp"

namespace moesim::gui {

/// The GPUs of a plan: a column for each pipeline rank or pool, a cell for each GPU, coloured by rank; lines
/// part the expert groups.
class RankGrid : public ScenarioPicture {
  Q_OBJECT

 public:
  explicit RankGrid(QWidget* parent = nullptr);
  void setPicture(const PlanPicture& picture);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
  /// One line on what is drawn.
  [[nodiscard]] QString headline() const override;
  /// Where a block is drawn.
  [[nodiscard]] QRectF blockRect(int block) const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void drawBlock(QPainter& painter, int block) const;
  [[nodiscard]] int numColumns() const;
  [[nodiscard]] int blocksHeight() const;
  [[nodiscard]] QString tipAt(const QPointF& place) const override;

  QVector<RankBlock> m_blocks;
};

}  // namespace moesim::gui
