#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/quantity.hpp"
#include "calib/measure/measured_case.hpp"
#include "calib/measure/statistics.hpp"

namespace moesim {

/// One timed call (or the mean of a graph's).
struct Sample {
  Seconds time;
  double clock_before_mhz = 0;  ///< of the SMs, just before the call; 0: not known
  double clock_after_mhz = 0;
};

/// When a case has been sampled enough: after `min_samples`, as soon as `max_time` of wall time is used
/// (rests not counted), `max_samples` are taken, or the relative standard error of the median has fallen to
/// `median_error`. The error is looked at only after 2, 4, 8, ... times `min_samples`: looking after every
/// sample would end at the first time that it happens to look small.
struct StoppingRule {
  std::size_t min_samples = 10;
  std::size_t max_samples = 200;
  double median_error = 0.005;
  Seconds max_time{0.25};
};
bool is_enough(const StoppingRule& rule, const std::vector<double>& samples, Seconds spent);

/// The rule of a regime: sustained samples run for two seconds whatever their error.
StoppingRule stopping_rule(TimingRegime regime, Seconds max_time);

/// A sample is repeated when the SMs ran below `fraction` of `reference_mhz` (0: not gated), at most
/// `max_repeats` times a case; later ones are kept and counted. Clocks fall when the power of the last tens
/// of milliseconds reaches its limit, so a gated device rests as long as each sample took, and before a
/// repeat for 10 ms, twice that after the next and so on up to 80 ms.
struct ClockGate {
  double reference_mhz = 0;
  double fraction = 0.9;
  std::size_t max_repeats = 8;
  [[nodiscard]] bool accepts(const Sample& sample) const;
};

/// The samples of one case in one regime, seconds in the order they were taken.
struct SampledTimes {
  std::vector<double> samples;
  SampleSummary summary;          ///< of `samples`, in the sustained regime of their last quarter
  double clock_before_mhz = 0;    ///< median over the samples
  double clock_after_mhz = 0;     ///< median over the samples; sustained: of the last quarter
  std::size_t num_repeated = 0;   ///< thrown away for their clock
  std::size_t num_low_clock = 0;  ///< kept below the gate, since repeats had run out
};

/// Where samples come from.
struct SampleSource {
  std::function<Sample()> take;
  std::function<Seconds()> now;            ///< wall time since any fixed moment
  std::function<void(Seconds time)> rest;  ///< leaves the device idle
};

/// Takes samples until the rule is content. Throws RunError for a time that is not above 0.
SampledTimes sample_until_enough(TimingRegime regime, const StoppingRule& rule, const ClockGate& gate,
                                 const SampleSource& source);

}  // namespace moesim
