#pragma once

#include <QVector>
#include <QWidget>

#include "gui/widgets/heat_map_axis.hpp"
#include "reports/pictures/color_map.hpp"

namespace moesim::gui {

/// The colours of a heat map with their numbers and unit. The wheel scales the last number.
class ColorBarWidget : public QWidget {
  Q_OBJECT

 public:
  explicit ColorBarWidget(QWidget* parent = nullptr);

  void setColors(const pictures::ColorMap& map, const pictures::ColorScale& scale);
  /// Values beyond an end have its colour, which its number says.
  void setOpenEnds(bool low, bool high);
  void setUnit(const QString& unit);
  [[nodiscard]] const pictures::ColorScale& scale() const { return m_scale; }
  /// Numbers from the top, `cell` from 0 at the low end to 1.
  [[nodiscard]] QVector<AxisTick> ticks() const;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// The last number is asked to be so many times as large.
  void highScaled(double factor);
  /// A double click: the range that fits.
  void fitAsked();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;

 private:
  [[nodiscard]] QRect barRect() const;

  const pictures::ColorMap* m_map;
  pictures::ColorScale m_scale;
  bool m_isLowOpen = false;
  bool m_isHighOpen = false;
  QString m_unit;
};

}  // namespace moesim::gui
