#include "gui/models/network_traffic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "gui/models/result_json.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

constexpr std::array kPorts{NetworkPort::nvlinkOut, NetworkPort::nvlinkIn, NetworkPort::nicOut,
                            NetworkPort::nicIn};

void addRow(std::span<const std::uint32_t> row, std::vector<std::uint64_t>& copies) {
  for (std::size_t i = 0; i < std::min(row.size(), copies.size()); ++i) copies[i] += row[i];
}

double meanOf(const std::vector<std::uint64_t>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void sortByLoad(QVector<NetworkLink>& links) {
  std::ranges::stable_sort(links,
                           [](const NetworkLink& a, const NetworkLink& b) { return a.copies > b.copies; });
}

}  // namespace

QString portName(NetworkPort port) {
  switch (port) {
    case NetworkPort::nvlinkOut:
      return QStringLiteral("NVLink out");
    case NetworkPort::nvlinkIn:
      return QStringLiteral("NVLink in");
    case NetworkPort::nicOut:
      return QStringLiteral("NIC out");
    case NetworkPort::nicIn:
      return QStringLiteral("NIC in");
  }
  return {};
}

int gpusPerNode(const Json& result, int numGpus) {
  constexpr int kAssumed = 8;
  const auto gpus = numberIn(childOf(result, "cluster"), "gpus");
  const auto nodes = numberIn(childOf(result, "cluster"), "nodes");
  int perNode = kAssumed;
  if (gpus && nodes && *nodes >= 1 && *gpus >= *nodes && *gpus < 1e7)
    perNode = static_cast<int>(std::lround(*gpus / *nodes));
  perNode = std::clamp(perNode, 1, std::max(1, numGpus));
  return numGpus % perNode == 0 ? perNode : 1;
}

NetworkTraffic trafficOf(const RunDocument& document, const pictures::LoadCube& cube,
                         std::optional<std::int64_t> step, int layer) {
  NetworkTraffic traffic;
  const auto numGpus = static_cast<int>(std::lround(std::sqrt(static_cast<double>(cube.width()))));
  if (cube.empty() || static_cast<std::size_t>(numGpus) * static_cast<std::size_t>(numGpus) != cube.width())
    return traffic;
  traffic.numGpus = numGpus;
  traffic.gpusPerNode = gpusPerNode(document.result(), numGpus);
  traffic.copyBytes = numberIn(childOf(document.summary(), "traffic"), "copy_B").value_or(0);
  const Json& record = childOf(childOf(document.result(), "scenario"), "record");
  traffic.isForwarded = textIn(record, "dispatch_mode") != QStringLiteral("low_latency");
  traffic.copies.assign(cube.width(), 0);
  const std::size_t first = step ? cube.step_index(*step) : 0;
  const std::size_t end = step ? first + 1 : cube.steps().size();
  for (std::size_t s = first; s < end; ++s) {
    if (layer >= 0) {
      addRow(cube.row(s, cube.layer_index(layer)), traffic.copies);
      continue;
    }
    for (std::size_t l = 0; l < cube.layers().size(); ++l) addRow(cube.row(s, l), traffic.copies);
  }
  return traffic;
}

std::vector<std::uint64_t> portCopies(const NetworkTraffic& traffic, NetworkPort port) {
  std::vector<std::uint64_t> loads(static_cast<std::size_t>(traffic.numGpus), 0);
  const auto add = [&](NetworkPort out, NetworkPort in, int from, int to, std::uint64_t copies) {
    if (port == out) loads[static_cast<std::size_t>(from)] += copies;
    if (port == in) loads[static_cast<std::size_t>(to)] += copies;
  };
  for (int from = 0; from < traffic.numGpus; ++from) {
    for (int to = 0; to < traffic.numGpus; ++to) {
      const std::uint64_t copies = traffic.at(from, to);
      if (from == to || copies == 0) continue;
      if (traffic.nodeOf(from) == traffic.nodeOf(to)) {
        add(NetworkPort::nvlinkOut, NetworkPort::nvlinkIn, from, to, copies);
        continue;
      }
      const int entry =
          traffic.isForwarded ? traffic.nodeOf(to) * traffic.gpusPerNode + from % traffic.gpusPerNode : to;
      add(NetworkPort::nicOut, NetworkPort::nicIn, from, entry, copies);
      if (entry != to) add(NetworkPort::nvlinkOut, NetworkPort::nvlinkIn, entry, to, copies);
    }
  }
  return loads;
}

QVector<NetworkLink> portLoads(const NetworkTraffic& traffic) {
  QVector<NetworkLink> links;
  for (const NetworkPort port : kPorts) {
    const std::vector<std::uint64_t> loads = portCopies(traffic, port);
    const double mean = meanOf(loads);
    if (mean == 0) continue;
    for (int gpu = 0; gpu < traffic.numGpus; ++gpu) {
      const std::uint64_t copies = loads[static_cast<std::size_t>(gpu)];
      links.append({gpu, -1, port, copies, static_cast<double>(copies) / mean});
    }
  }
  sortByLoad(links);
  return links;
}

QVector<NetworkLink> pairLoads(const NetworkTraffic& traffic) {
  QVector<NetworkLink> links;
  double sums[2] = {0, 0};
  double counts[2] = {0, 0};
  for (int from = 0; from < traffic.numGpus; ++from) {
    for (int to = 0; to < traffic.numGpus; ++to) {
      if (from == to) continue;
      const bool isNic = traffic.nodeOf(from) != traffic.nodeOf(to);
      const std::uint64_t copies = traffic.at(from, to);
      sums[isNic ? 1 : 0] += static_cast<double>(copies);
      counts[isNic ? 1 : 0] += 1;
      if (copies > 0)
        links.append({from, to, isNic ? NetworkPort::nicOut : NetworkPort::nvlinkOut, copies, 0});
    }
  }
  for (NetworkLink& link : links) {
    const int kind = link.port == NetworkPort::nicOut ? 1 : 0;
    link.overMean = static_cast<double>(link.copies) * counts[kind] / sums[kind];
  }
  sortByLoad(links);
  return links;
}

QString portText(NetworkPort port, const NetworkTraffic& traffic) {
  const bool isNic = port == NetworkPort::nicOut || port == NetworkPort::nicIn;
  return isNic && traffic.isForwarded ? QStringLiteral("%1, at most").arg(portName(port)) : portName(port);
}

QString trafficText(std::uint64_t copies, const NetworkTraffic& traffic) {
  const auto count = static_cast<double>(copies);
  if (traffic.copyBytes > 0)
    return QString::fromStdString(metric_text(count * traffic.copyBytes, MetricUnit::bytes));
  return QStringLiteral("%1 copies").arg(QString::fromStdString(metric_text(count, MetricUnit::count)));
}

}  // namespace moesim::gui
