#pragma once

#include <QString>

#include "gui/models/network_traffic.hpp"

namespace moesim::gui {

/// The columns of trafficCsv().
QString trafficCsvHead();

/// Rows of CSV: every pair of GPUs, the whole matrix by source and destination, then every port (without a
/// `to_gpu`). Bytes are empty where those of a copy are unknown. `result` names the traffic.
QString trafficCsv(const QString& result, const NetworkTraffic& traffic);

}  // namespace moesim::gui
