#pragma once

#include "sim/serving/fleet/fleet_unit.hpp"
#include "sim/serving/fleet/in_flight.hpp"

namespace moesim {

/// Looks up the prompt's prefix in the unit's cache as it is now, notes the hits in the record and puts the
/// loads of host and disk tiers into the queues of one of its nodes, in turn. From the disk bytes go over the
/// storage NIC into host memory, then all over PCIe, in this order.
/// Returns the work for the unit: cached tokens and the time until they are in GPU memory.
SequenceWork prompt_work(FleetUnit& unit, const FleetPool& pool, InFlight& request, std::int64_t slot,
                         double now_s);

}  // namespace moesim
