#pragma once

#include "base/quantity.hpp"

namespace moesim {

/// What one GPU's ports give, one direction.
struct PortSpeeds {
  BytesPerSecond nic;     ///< sustained
  BytesPerSecond nvlink;  ///< usable
};

/// One collective as the busiest GPU of its group sees it: a fixed latency, then `nic` and `nvlink` side by
/// side, then `tail` over NVLink. This is what an engine carries out; time_alone is its formula.
struct CollectiveCost {
  Seconds latency;
  Bytes nic;     ///< through one NIC, one direction
  Bytes nvlink;  ///< through one NVLink port, one direction, beside the NIC
  Bytes tail;    ///< the last chunk over NVLink, behind both
};

/// latency + max(nic / NIC, nvlink / NVLink) + tail / NVLink: the time with the ports to itself.
Seconds time_alone(const CollectiveCost& cost, const PortSpeeds& ports);

}  // namespace moesim
