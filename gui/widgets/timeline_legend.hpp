#pragma once

#include <QVector>
#include <QWidget>

#include "gui/widgets/timeline_colors.hpp"

namespace moesim::gui {

/// Colours with what they mean, in as many lines as the width asks for.
class TimelineLegend : public QWidget {
  Q_OBJECT

 public:
  using QWidget::QWidget;
  void setItems(const QVector<TimelineLegendItem>& items);
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override { return {400, heightForWidth(400)}; }
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  /// Where each item goes.
  [[nodiscard]] QVector<QRect> places(int width) const;
  QVector<TimelineLegendItem> m_items;
};

}  // namespace moesim::gui
