#include "gui/models/network_csv.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <vector>

#include "reports/csv.hpp"

namespace moesim::gui {
namespace {

std::string bytesText(std::uint64_t copies, const NetworkTraffic& traffic) {
  return traffic.copyBytes > 0 ? fmt::format("{}", static_cast<double>(copies) * traffic.copyBytes)
                               : std::string();
}

const char* linkOf(int from, int to, const NetworkTraffic& traffic) {
  if (from == to) return "own GPU";
  return traffic.nodeOf(from) == traffic.nodeOf(to) ? "NVLink" : "NIC";
}

}  // namespace

QString trafficCsvHead() {
  return QStringLiteral("result,from_gpu,to_gpu,link,copies,bytes,over_mean\r\n");
}

QString trafficCsv(const QString& result, const NetworkTraffic& traffic) {
  const std::string name = csv_field(result.toStdString());
  const auto size = static_cast<std::size_t>(traffic.numGpus);
  std::vector<double> overMean(size * size, 0);
  for (const NetworkLink& link : pairLoads(traffic))
    overMean[static_cast<std::size_t>(link.from) * size + static_cast<std::size_t>(link.to)] = link.overMean;
  std::string rows;
  const auto out = std::back_inserter(rows);
  for (int from = 0; from < traffic.numGpus; ++from) {
    for (int to = 0; to < traffic.numGpus; ++to) {
      const std::uint64_t copies = traffic.at(from, to);
      const double mean = overMean[static_cast<std::size_t>(from) * size + static_cast<std::size_t>(to)];
      fmt::format_to(out, "{},{},{},{},{},{},", name, from, to, linkOf(from, to, traffic), copies,
                     bytesText(copies, traffic));
      // What stays on a GPU takes no link.
      if (from != to) fmt::format_to(out, "{}", mean);
      rows += "\r\n";
    }
  }
  for (const NetworkLink& link : portLoads(traffic))
    fmt::format_to(out, "{},{},,{},{},{},{}\r\n", name, link.from,
                   csv_field(portText(link.port, traffic).toStdString()), link.copies,
                   bytesText(link.copies, traffic), link.overMean);
  return QString::fromStdString(rows);
}

}  // namespace moesim::gui
