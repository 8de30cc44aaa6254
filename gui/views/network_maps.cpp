#include "gui/views/network_maps.hpp"

#include <QHBoxLayout>
#include <algorithm>
#include <cmath>
#include <memory>

#include "gui/widgets/color_bar_widget.hpp"
#include "gui/widgets/heat_map_widget.hpp"
#include "gui/widgets/plot_scale.hpp"
#include "reports/pictures/lod_pyramid.hpp"

namespace moesim::gui {
namespace {

constexpr int kNumMaps = 3;

/// Columns are destinations, rows sources.
template <class Pyramid, class Value>
std::shared_ptr<const Pyramid> cellsOf(int numGpus, const Value& value) {
  const auto size = static_cast<std::size_t>(numGpus);
  auto cells = std::make_shared<Pyramid>(size);
  std::vector<float> column(size);
  for (int to = 0; to < numGpus; ++to) {
    for (int from = 0; from < numGpus; ++from)
      column[static_cast<std::size_t>(from)] = static_cast<float>(value(from, to));
    cells->append(column);
  }
  return cells;
}

double perCopy(const NetworkTraffic& traffic) {
  return traffic.copyBytes > 0 ? traffic.copyBytes : 1;
}

/// What numbers of a map are divided by, and their unit then.
AxisScale scaleOf(const NetworkTraffic& traffic, double highest) {
  PlotAxis axis;
  axis.unit = traffic.copyBytes > 0 ? MetricUnit::bytes : MetricUnit::count;
  if (traffic.copyBytes <= 0) axis.unitText = QStringLiteral("copies");
  return axisScale(axis, highest);
}

double highestOf(const NetworkTraffic& traffic) {
  std::uint64_t highest = 0;
  for (const std::uint64_t copies : traffic.copies) highest = std::max(highest, copies);
  return static_cast<double>(highest) * perCopy(traffic);
}

}  // namespace

NetworkMaps::NetworkMaps(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins({});
  for (int i = 0; i < kNumMaps; ++i) addMap();
}

void NetworkMaps::addMap() {
  auto* frame = new QWidget;
  auto* row = new QHBoxLayout(frame);
  row->setContentsMargins({});
  row->setSpacing(0);
  auto* map = new HeatMapWidget;
  auto* bar = new ColorBarWidget;
  row->addWidget(map, 1);
  row->addWidget(bar);
  layout()->addWidget(frame);
  connect(map, &CellPlot::cellClicked, this, [this](QPoint cell) { Q_EMIT gpuClicked(cell.y()); });
  connect(map, &CellPlot::columnWindowAsked, this, [this](const CellWindow& window) {
    for (HeatMapWidget* each : m_maps) each->setColumnWindow(window);
  });
  connect(map, &CellPlot::rowWindowAsked, this, [this](const CellWindow& window) {
    for (HeatMapWidget* each : m_maps) each->setRowWindow(window);
  });
  m_maps.append(map);
  m_bars.append(bar);
  m_frames.append(frame);
}

void NetworkMaps::setTraffic(const NetworkTraffic& first, const QString& firstTitle,
                             const NetworkTraffic& second, const QString& secondTitle) {
  const bool hasBoth = first.numGpus > 0 && second.numGpus > 0;
  const double highest = std::max(highestOf(first), highestOf(second));
  showMap(0, first, firstTitle, highest);
  showMap(1, second, secondTitle, highest);
  const bool isComparable = hasBoth && first.numGpus == second.numGpus;
  m_frames[2]->setVisible(isComparable);
  if (isComparable) showDifference(first, second);
}

void NetworkMaps::showMap(int index, const NetworkTraffic& traffic, const QString& title, double highest) {
  m_frames[index]->setVisible(traffic.numGpus > 0);
  if (traffic.numGpus == 0) return;
  HeatMapWidget* map = m_maps[index];
  const AxisScale unit = scaleOf(traffic, highest);
  const pictures::ColorScale scale{0, highest > 0 ? highest / unit.factor : 1, false};
  map->setTitle(title);
  map->setColumnAxis({tr("to GPU"), traffic.numGpus, {}, nullptr});
  map->setRowAxis({tr("from GPU"), traffic.numGpus, {}, nullptr});
  map->setColors(pictures::sequential_map(), scale);
  map->setCellText([traffic](QPoint cell) {
    return tr("GPU %1 to GPU %2: %3")
        .arg(cell.y())
        .arg(cell.x())
        .arg(trafficText(traffic.at(cell.y(), cell.x()), traffic));
  });
  map->setCells(cellsOf<pictures::LodPyramid>(traffic.numGpus, [&](int from, int to) {
    return static_cast<double>(traffic.at(from, to)) * perCopy(traffic) / unit.factor;
  }));
  m_bars[index]->setColors(pictures::sequential_map(), scale);
  m_bars[index]->setUnit(unit.unit);
}

void NetworkMaps::showDifference(const NetworkTraffic& first, const NetworkTraffic& second) {
  const AxisScale unit = scaleOf(first, std::max(highestOf(first), highestOf(second)));
  const auto difference = [&](int from, int to) {
    return (static_cast<double>(second.at(from, to)) * perCopy(second) -
            static_cast<double>(first.at(from, to)) * perCopy(first)) /
           unit.factor;
  };
  double most = 0;
  for (int from = 0; from < first.numGpus; ++from)
    for (int to = 0; to < first.numGpus; ++to) most = std::max(most, std::abs(difference(from, to)));
  const pictures::ColorScale scale{most > 0 ? -most : -1, most > 0 ? most : 1, false};
  m_maps[2]->setTitle(tr("second less first"));
  m_maps[2]->setColumnAxis({tr("to GPU"), first.numGpus, {}, nullptr});
  m_maps[2]->setRowAxis({tr("from GPU"), first.numGpus, {}, nullptr});
  m_maps[2]->setColors(pictures::diverging_map(), scale);
  m_maps[2]->setCells(cellsOf<pictures::DifferencePyramid>(first.numGpus, difference));
  m_maps[2]->setCellText([first, second](QPoint cell) {
    return tr("GPU %1 to GPU %2: %3, then %4")
        .arg(cell.y())
        .arg(cell.x())
        .arg(trafficText(first.at(cell.y(), cell.x()), first),
             trafficText(second.at(cell.y(), cell.x()), second));
  });
  m_bars[2]->setColors(pictures::diverging_map(), scale);
  m_bars[2]->setUnit(unit.unit);
}

void NetworkMaps::showAll() {
  for (HeatMapWidget* map : m_maps) {
    map->setColumnWindow({0, static_cast<double>(map->columnAxis().count)});
    map->setRowWindow({0, static_cast<double>(map->columnAxis().count)});  // the matrix is square
  }
}

void NetworkMaps::setSelectedGpu(int gpu) {
  for (HeatMapWidget* map : m_maps) map->setSelectedCell(QPoint(-1, gpu));
}

}  // namespace moesim::gui
