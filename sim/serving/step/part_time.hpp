#pragma once

#include <array>

#include "calib/profile/curves.hpp"

namespace moesim {

/// Time of some kernels of one GPU with where it comes from and what it moves.
struct PartTime {
  double seconds = 0;
  double sm_busy = 0;    ///< seconds with all SMs at work: FLOPs over 0.7 of the peak, at most `seconds`
  double hbm_bytes = 0;  ///< read and written
  double launches = 0;
  std::array<double, EnumNames<Provenance>::table.size()> by_provenance{};  ///< sums to `seconds`

  PartTime& operator+=(const PartTime& other) {
    seconds += other.seconds;
    sm_busy += other.sm_busy;
    hbm_bytes += other.hbm_bytes;
    launches += other.launches;
    for (std::size_t i = 0; i < by_provenance.size(); ++i) by_provenance[i] += other.by_provenance[i];
    return *this;
  }
};

inline PartTime operator+(PartTime a, const PartTime& b) {
  return a += b;
}

/// `factor` times as often.
inline PartTime operator*(PartTime part, double factor) {
  part.seconds *= factor;
  part.sm_busy *= factor;
  part.hbm_bytes *= factor;
  part.launches *= factor;
  for (double& seconds : part.by_provenance) seconds *= factor;
  return part;
}

/// A part that takes `estimate`.
inline PartTime part_of(const TimeEstimate& estimate) {
  PartTime out;
  out.seconds = estimate.seconds;
  out.launches = 1;
  out.by_provenance[static_cast<std::size_t>(estimate.provenance)] = estimate.seconds;
  return out;
}

}  // namespace moesim
