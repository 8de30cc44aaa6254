#pragma once

#include <span>

#include "base/quantity.hpp"
#include "calib/measure/measured_case.hpp"

namespace moesim {

inline constexpr Seconds kQuickBudget{120};
inline constexpr Seconds kFullBudget{600};

/// What measuring the case takes: preparing and checking it, and its samples in every regime. The time of a
/// call is that of a roofline at half the peaks, from its axes alone.
Seconds estimated_time(const MeasuredCase& point, const GpuFacts& gpu);
Seconds estimated_time(std::span<const MeasuredCase> points, const GpuFacts& gpu);

/// The wall time within which a run is to end. It shortens the sampling of the cases to come, never below
/// kLeastSampling and ten samples, when the run falls behind.
class Budget {
 public:
  /// `whole` 0: no limit.
  Budget(Seconds whole, Seconds estimated) : whole_(whole), left_(estimated) {}

  /// What one regime of the next case may use, after `elapsed` of the run.
  [[nodiscard]] Seconds sampling_time(Seconds elapsed) const;
  /// A case is done of which `estimated` had been thought.
  void done(Seconds estimated);
  /// How long the rest takes at the pace so far, as if 10 s had gone by the estimate before: the first cases
  /// load libraries and tell little of the others.
  [[nodiscard]] Seconds remaining(Seconds elapsed) const;

 private:
  Seconds whole_;
  Seconds left_;
  Seconds done_{0};
};

inline constexpr Seconds kSampling{0.25};
inline constexpr Seconds kLeastSampling{0.05};

}  // namespace moesim
