#include "calib/measure/budget.hpp"

#include <algorithm>

#include "calib/measure/rank_needs.hpp"

namespace moesim {

namespace {

// As a whole run on an H200 took: buffers, random data, timing a library's algorithms and the reference of
// the check (10 to 100 ms); flush, clock probes and events around a cold call.
constexpr Seconds kPreparation{0.04};
constexpr Seconds kAroundACall{250e-6};
constexpr Seconds kMeetingOfRanks{10.5e-3};  // a barrier and 10 ms of spinning before each sample
constexpr double kExpectedSamples = 40;
constexpr double kWithRests = 2;  // a device rests as long as a sample took
constexpr double kLaunchesOfAGraph = 20;
constexpr Seconds kShortestCall{5e-6};
constexpr Seconds kSustained{2.1};
constexpr double kEfficiency = 0.5;
constexpr Seconds kTrust{10.0};  // what the estimate counts for beside the pace of the run

/// Elements that a call reads or writes at least, where the axes tell.
double bytes_of(const MeasuredCase& point) {
  const auto has = [&](const char* axis) { return point.axes.contains(axis); };
  if (has("bytes")) return 2 * point.axis("bytes");
  if (has("rows") && has("columns")) return 4 * point.axis("rows") * point.axis("columns");
  if (point.op == TimedOperator::mla_decode) return point.axis("batch") * point.axis("length") * 576 * 2;
  if (has("n") && has("k")) {
    const double groups = has("groups") ? point.axis("groups") : 1;
    return groups * point.axis("n") * point.axis("k") * bytes_per_element(point.format);
  }
  return 0;
}

Seconds call_time(const MeasuredCase& point, const GpuFacts& gpu) {
  Entry entry;
  entry.op = point.op;
  entry.axes = point.axes;
  Seconds time = kShortestCall;
  // A driver may not tell a peak.
  if (const auto peak = gpu.peak_of(point.format); peak.value() > 0)
    time = std::max(time, flops_of(entry) / (kEfficiency * peak));
  if (gpu.hbm_bandwidth.value() > 0)
    time = std::max(time, Bytes(bytes_of(point)) / (kEfficiency * gpu.hbm_bandwidth));
  return time;
}

Seconds regime_time(TimingRegime regime, Seconds call, bool alone) {
  if (regime == TimingRegime::sustained) return kSustained;
  const Seconds around = alone ? kAroundACall : kAroundACall + kMeetingOfRanks;
  const Seconds sample = regime == TimingRegime::graph ? kLaunchesOfAGraph * call + around : call + around;
  return kWithRests * std::max(10 * sample, std::min(kExpectedSamples * sample, kSampling));
}

}  // namespace

Seconds estimated_time(const MeasuredCase& point, const GpuFacts& gpu) {
  Seconds total = kPreparation;
  const bool alone = rank_needs(point).ranks == 1;
  for (const TimingRegime regime : point.regimes) total += regime_time(regime, call_time(point, gpu), alone);
  return total;
}

Seconds estimated_time(std::span<const MeasuredCase> points, const GpuFacts& gpu) {
  Seconds total;
  for (const MeasuredCase& point : points) total += estimated_time(point, gpu);
  return total;
}

Seconds Budget::sampling_time(Seconds elapsed) const {
  if (whole_.value() <= 0) return kSampling;
  const Seconds wanted = remaining(elapsed);
  const Seconds allowed = whole_ - elapsed;
  if (wanted <= allowed || wanted.value() <= 0) return kSampling;
  return std::clamp(kSampling * (allowed / wanted), kLeastSampling, kSampling);
}

void Budget::done(Seconds estimated) {
  done_ += estimated;
  left_ = std::max(left_ - estimated, Seconds(0.0));
}

Seconds Budget::remaining(Seconds elapsed) const {
  const double pace = (elapsed + kTrust) / (done_ + kTrust);
  return pace * left_;
}

}  // namespace moesim
