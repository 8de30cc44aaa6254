#pragma once

#include <cstdint>
#include <functional>

#include "reports/pictures/span_timeline.hpp"

namespace moesim::pictures {

/// Where a GPU transfers and does not compute: one row for each GPU that has the lane `computation`, with
/// spans of no phase on that lane. All other lanes are transfers. `progress` as for SpanTimeline.
SpanTimeline exposed_communication(const SpanTimeline& timeline, std::uint8_t computation,
                                   const std::function<bool(double)>& progress = {});

}  // namespace moesim::pictures
