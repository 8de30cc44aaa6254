#pragma once

#include <QWidget>

#include "gui/models/scenario_plan.hpp"

namespace moesim::gui {

/// A schematic of the network: nodes with their GPUs below, switches above.
class TopologyPicture : public QWidget {
  Q_OBJECT

 public:
  explicit TopologyPicture(QWidget* parent = nullptr);
  void setPicture(const PlanPicture& picture);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
  /// "2048 GPUs in 256 nodes, 96 switches (multi plane ft2)".
  [[nodiscard]] QString headline() const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  TopologyCounts m_counts;
};

}  // namespace moesim::gui
