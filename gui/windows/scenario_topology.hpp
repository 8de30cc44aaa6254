#pragma once

#include "gui/models/scenario_plan.hpp"
#include "gui/windows/scenario_picture.hpp"

namespace moesim::gui {

/// A schematic of each network of a plan: nodes with their GPUs below, switches above.
class TopologyPreview : public ScenarioPicture {
  Q_OBJECT

 public:
  explicit TopologyPreview(QWidget* parent = nullptr);
  void setPicture(const PlanPicture& picture);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
  /// Of each network "2048 GPUs in 256 nodes, 96 switches, 4096 cables between them (multi plane ft2)", and a
  /// line on the pools on it.
  [[nodiscard]] QString headline() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  [[nodiscard]] QString tipAt(const QPointF& place) const override;

 private:
  [[nodiscard]] double heightOf(const TopologyCounts& counts) const;
  void draw(QPainter& painter, const TopologyCounts& counts) const;

  QVector<TopologyCounts> m_networks;
};

}  // namespace moesim::gui
