#pragma once

#include <QVector>
#include <QWidget>

#include "gui/models/scenario_plan.hpp"

namespace moesim::gui {

/// The GPUs of a plan: a column for each pipeline rank or pool, a cell for each GPU, coloured by rank; lines
/// part the expert groups.
class RankGrid : public QWidget {
  Q_OBJECT

 public:
  explicit RankGrid(QWidget* parent = nullptr);
  void setPicture(const PlanPicture& picture);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
  /// One line on what is drawn.
  [[nodiscard]] QString headline() const;
  /// Where a block is drawn.
  [[nodiscard]] QRectF blockRect(int block) const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void drawBlock(QPainter& painter, int block) const;
  [[nodiscard]] int numColumns() const;
  [[nodiscard]] int blocksHeight() const;
  [[nodiscard]] QString tipAt(const QPointF& place) const;

  QVector<RankBlock> m_blocks;
};

}  // namespace moesim::gui
