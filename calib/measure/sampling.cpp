#include "calib/measure/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

constexpr Seconds kSustainedTime{2.0};
constexpr Seconds kFirstPause{10e-3};  // before a repeat
constexpr Seconds kLongestPause{80e-3};

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

/// What the figures are made of: all samples, or the end of a sustained run.
std::span<const double> settled(TimingRegime regime, const std::vector<double>& values) {
  const std::span<const double> all(values);
  return regime == TimingRegime::sustained ? all.last((all.size() + 3) / 4) : all;
}

/// Whether so many samples are 2, 4, 8, ... times the least number.
bool is_time_to_judge(std::size_t count, std::size_t min_samples) {
  std::size_t place = 2 * std::max<std::size_t>(1, min_samples);
  while (place < count) place *= 2;
  return place == count;
}

}  // namespace

bool is_enough(const StoppingRule& rule, const std::vector<double>& samples, Seconds spent) {
  if (samples.size() < rule.min_samples) return false;
  if (samples.size() >= rule.max_samples || spent >= rule.max_time) return true;
  if (rule.median_error <= 0 || !is_time_to_judge(samples.size(), rule.min_samples)) return false;
  return summary_of(samples).median_error <= rule.median_error;
}

StoppingRule stopping_rule(TimingRegime regime, Seconds max_time) {
  StoppingRule rule;
  rule.max_time = max_time;
  if (regime == TimingRegime::sustained) rule = {10, 2000, 0, kSustainedTime};
  return rule;
}

bool ClockGate::accepts(const Sample& sample) const {
  const auto is_low = [this](double mhz) { return mhz > 0 && mhz < fraction * reference_mhz; };
  return reference_mhz <= 0 || !(is_low(sample.clock_before_mhz) || is_low(sample.clock_after_mhz));
}

SampledTimes sample_until_enough(TimingRegime regime, const StoppingRule& rule, const ClockGate& gate,
                                 const SampleSource& source) {
  SampledTimes times;
  std::vector<double> before;
  std::vector<double> after;
  Seconds busy;
  Seconds pause = kFirstPause;
  while (!is_enough(rule, times.samples, busy)) {
    const Seconds begun = source.now();
    const Sample sample = source.take();
    const Seconds took = source.now() - begun;
    busy += took;
    if (!(sample.time.value() > 0) || !std::isfinite(sample.time.value()))
      throw RunError(fmt::format("a sample took {} s", sample.time.value()));
    if (!gate.accepts(sample)) {
      if (times.num_repeated < gate.max_repeats) {
        ++times.num_repeated;
        source.rest(pause);
        pause = std::min(2 * pause, kLongestPause);
        continue;
      }
      ++times.num_low_clock;
    }
    pause = kFirstPause;
    times.samples.push_back(sample.time.value());
    before.push_back(sample.clock_before_mhz);
    after.push_back(sample.clock_after_mhz);
    if (gate.reference_mhz > 0) source.rest(took);
  }
  times.summary = summary_of(settled(regime, times.samples));
  const auto last = settled(regime, after);
  times.clock_before_mhz = median_of(before);
  times.clock_after_mhz = median_of({last.begin(), last.end()});
  return times;
}

}  // namespace moesim
