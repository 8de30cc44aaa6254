#pragma once

#include <cstdint>
#include <vector>

#include "reports/pictures/span_timeline.hpp"

namespace moesim::pictures {

/// What one phase takes on one lane, over all GPUs.
struct PhaseTotal {
  std::uint8_t lane = 0;
  std::uint8_t phase = 0;
  std::size_t num_spans = 0;  ///< that meet the range
  double seconds = 0;         ///< of GPUs, inside of the range
};

/// What a range of time holds, over all GPUs of a timeline.
struct RangeTotals {
  std::vector<PhaseTotal> phases;  ///< by lane, the longest first within one
  std::size_t num_gpus = 0;
  double length_s = 0;       ///< of the range, as far as the timeline reaches
  double computation_s = 0;  ///< GPU-seconds; this and those below are 0 where no GPU has that lane
  double exposed_s = 0;      ///< of transfers beside no computation
  double idle_s = 0;         ///< of neither: bubbles
};

/// `exposed`: exposed_communication() of the timeline. O(spans in the range).
RangeTotals totals_of(const SpanTimeline& timeline, const SpanTimeline& exposed, std::uint8_t computation,
                      double start_s, double end_s);

}  // namespace moesim::pictures
