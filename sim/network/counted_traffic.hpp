#pragma once

#include "base/quantity.hpp"
#include "sim/load/traffic_matrix.hpp"
#include "sim/network/all_to_all.hpp"

namespace moesim {

/// The dispatch of a counted matrix, as dispatch_flows and dispatch_formula take it. Throws
/// std::invalid_argument for low-latency mode, whose copies are not forwarded.
DispatchTraffic counted_traffic(const TrafficMatrix& matrix, Bytes bytes_per_copy);

}  // namespace moesim
