#pragma once

#include <QVector>
#include <QWidget>

#include "gui/models/network_traffic.hpp"

namespace moesim::gui {

class ColorBarWidget;
class HeatMapWidget;

/// GPU x GPU traffic: of one result, or of two and their difference with one zoom for all.
class NetworkMaps : public QWidget {
  Q_OBJECT

 public:
  explicit NetworkMaps(QWidget* parent = nullptr);

  /// Traffic without GPUs is not shown.
  void setTraffic(const NetworkTraffic& first, const QString& firstTitle, const NetworkTraffic& second,
                  const QString& secondTitle);
  /// All rows and columns again.
  void showAll();
  void setSelectedGpu(int gpu);
  /// First, second, difference.
  [[nodiscard]] HeatMapWidget* map(int index) const { return m_maps[index]; }

 Q_SIGNALS:
  void gpuClicked(int gpu);

 private:
  void addMap();
  void showMap(int index, const NetworkTraffic& traffic, const QString& title, double highest);
  void showDifference(const NetworkTraffic& first, const NetworkTraffic& second);

  QVector<HeatMapWidget*> m_maps;
  QVector<ColorBarWidget*> m_bars;
  QVector<QWidget*> m_frames;
};

}  // namespace moesim::gui
