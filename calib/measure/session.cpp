#include "calib/measure/session.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <vector>

#include "base/error.hpp"
#include "calib/measure/measuring_order.hpp"
#include "calib/measure/unsupported_case.hpp"

namespace moesim {

namespace {

/// What JSON can hold of a check: 2, the farthest that two outputs can lie apart, for a difference that is no
/// number.
CheckResult storable(CheckResult check) {
  if (!std::isfinite(check.difference)) check.difference = 2;
  return check;
}

LogRecord record_of(const MeasuredCase& point, TimingRegime regime) {
  LogRecord record;
  record.id = point.id();
  record.point = point;
  record.regime = regime;
  return record;
}

double microseconds(double seconds) {
  return std::round(seconds * 1e10) / 1e4;  // to 0.1 ns, below what events resolve
}

void fill_times(LogRecord& record, const SampledTimes& times) {
  for (const double sample : times.samples) record.samples_us.push_back(microseconds(sample));
  record.median_us = microseconds(times.summary.median);
  record.p10_us = microseconds(times.summary.p10);
  record.p90_us = microseconds(times.summary.p90);
  record.num_samples = static_cast<int>(times.summary.num_samples);
  record.num_repeated = static_cast<int>(times.num_repeated);
  record.num_low_clock = static_cast<int>(times.num_low_clock);
  record.sm_clock_before_mhz = times.clock_before_mhz;
  record.sm_clock_after_mhz = times.clock_after_mhz;
}

/// A case that failed on another rank has no times here either.
void forget_times(LogRecord& record) {
  record.samples_us.clear();
  fill_times(record, {});
}

void fail(LogRecord& record, RecordStatus status, std::string reason) {
  record.status = status;
  record.reason = std::move(reason);
}

/// Does a part of a case on every rank. False where some rank could not, which `record` then says on each.
template <class Part>
bool together(Measurer& measurer, LogRecord& record, Part part) {
  try {
    part();
  } catch (const UnsupportedCase& error) {
    fail(record, RecordStatus::unsupported, error.what());
  } catch (const std::exception& error) {
    fail(record, RecordStatus::failed, error.what());
  }
  const RecordStatus worst = measurer.worst_of_ranks(record.status);
  if (worst != record.status) fail(record, worst, "as another rank says");
  return record.status == RecordStatus::measured;
}

/// Null where the case cannot run, fails or is wrong on some rank, as `record` then says; checked otherwise.
std::unique_ptr<PreparedCase> prepare_checked(Measurer& measurer, const MeasuredCase& point,
                                              LogRecord& record) {
  std::unique_ptr<PreparedCase> prepared;
  const bool supported = together(measurer, record, [&] {
    if (std::string why = measurer.unsupported(point); !why.empty())
      fail(record, RecordStatus::unsupported, std::move(why));
  });
  if (!supported) return nullptr;
  const bool made = together(measurer, record, [&] {
    prepared = measurer.prepare(point);
    record.kernel = prepared->kernel();
    record.work = prepared->work();
  });
  if (!made) return nullptr;
  const bool right = together(measurer, record, [&] {
    record.check = storable(prepared->check());
    if (!record.check->passed()) fail(record, RecordStatus::check_failed, "the output is wrong");
  });
  return right ? std::move(prepared) : nullptr;
}

class SessionRun {
 public:
  SessionRun(std::span<const MeasuredCase> points, Measurer& measurer, MeasureLogWriter& writer,
             const MeasureLog* log, const SessionOptions& options, const SessionListener& listener)
      : points_(points),
        measurer_(measurer),
        writer_(writer),
        options_(options),
        listener_(listener),
        start_(measurer.now()),
        budget_(options.budget, Seconds(0.0)) {
    if (log == nullptr) return;
    finished_ = finished_cases(*log);
    for (const LogRecord& record : log->records)
      if (record.record == "anchor") count_anchor(record);
  }

  SessionSummary run() {
    const auto order = unfinished_order();
    Seconds estimated;
    for (const OrderedStep& step : order) estimated += estimate_of(step);
    budget_ = Budget(options_.budget, estimated);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const bool is_anchor = order[i].is_anchor();
      const MeasuredCase& point = is_anchor ? options_.anchor : points_[order[i].place];
      tell(static_cast<double>(i) / static_cast<double>(order.size()), point);
      measure(point, is_anchor);
      budget_.done(estimate_of(order[i]));
    }
    summary_.elapsed = elapsed();
    if (least_anchor_ > 0) summary_.anchor_spread = most_anchor_ / least_anchor_;
    return summary_;
  }

 private:
  [[nodiscard]] Seconds elapsed() const { return measurer_.now() - start_; }

  [[nodiscard]] Seconds estimate_of(const OrderedStep& step) const {
    return estimated_time(step.is_anchor() ? options_.anchor : points_[step.place], options_.peaks);
  }

  [[nodiscard]] std::vector<TimingRegime> regimes_left(const MeasuredCase& point) const {
    std::vector<TimingRegime> left;
    for (const TimingRegime regime : point.regimes)
      if (!finished_.contains({point.id(), regime})) left.push_back(regime);
    return left;
  }

  /// The order of the seed without what is finished; anchors stay where a case between them does.
  std::vector<OrderedStep> unfinished_order() {
    std::vector<OrderedStep> order;
    for (const OrderedStep& step : measuring_order(points_.size(), options_.seed)) {
      if (step.is_anchor()) {
        if (order.empty() || !order.back().is_anchor()) order.push_back(step);
        continue;
      }
      const MeasuredCase& point = points_[step.place];
      count_resumed(point);
      if (!regimes_left(point).empty()) order.push_back(step);
    }
    if (order.size() == 1) order.clear();  // an anchor alone
    return order;
  }

  void tell(double fraction, const MeasuredCase& point) {
    const Seconds left = budget_.remaining(elapsed());  // asked on every rank, told on some
    if (listener_.progress) listener_.progress(fraction, point.id(), left);
  }

  void write(LogRecord& record) {
    record.elapsed_s = std::round(elapsed().value() * 1e3) / 1e3;
    count(record);
    writer_.append(record);
    if (listener_.record) listener_.record(record);
  }

  void count(const LogRecord& record) {
    if (record.record == "anchor") return count_anchor(record);
    if (record.status == RecordStatus::measured) ++summary_.num_measured;
    if (record.status == RecordStatus::unsupported) ++summary_.num_unsupported;
    count_failure(record.status);
  }

  void count_failure(RecordStatus status) {
    if (status == RecordStatus::failed || status == RecordStatus::check_failed) ++summary_.num_failed;
    if (status == RecordStatus::above_peak) ++summary_.num_above_peak;
  }

  void count_anchor(const LogRecord& record) {
    if (record.status == RecordStatus::unsupported) return;
    if (record.status != RecordStatus::measured) ++summary_.num_failed;
    if (record.median_us <= 0) return;
    least_anchor_ = least_anchor_ > 0 ? std::min(least_anchor_, record.median_us) : record.median_us;
    most_anchor_ = std::max(most_anchor_, record.median_us);
  }

  /// What the log holds of the case; a run is no better for being continued.
  void count_resumed(const MeasuredCase& point) {
    for (const TimingRegime regime : point.regimes) {
      const auto found = finished_.find({point.id(), regime});
      if (found == finished_.end()) continue;
      ++summary_.num_resumed;
      count_failure(found->second);
    }
  }

  void measure(const MeasuredCase& point, bool is_anchor) {
    auto left = is_anchor ? point.regimes : regimes_left(point);
    LogRecord pattern = record_of(point, TimingRegime::cold);
    if (is_anchor) pattern.record = "anchor";
    const auto prepared = prepare_checked(measurer_, point, pattern);
    for (const TimingRegime regime : left) {
      LogRecord record = pattern;
      record.regime = regime;
      if (prepared != nullptr) time(*prepared, record);
      write(record);
      if (record.status == RecordStatus::failed && measurer_.is_lost()) {
        throw RunError("the device is lost after " + record.id + ": " + record.reason +
                       "; the log is whole, go on with --resume");
      }
    }
  }

  void time(PreparedCase& prepared, LogRecord& record) {
    const bool begun =
        together(measurer_, record,
                 [&] {
                   if (prepared.can(record.regime)) return;
                   fail(record, RecordStatus::unsupported, "the calls cannot be timed in this regime");
                 }) &&
        together(measurer_, record, [&] { prepared.begin(record.regime); });
    if (begun) together(measurer_, record, [&] { sample(prepared, record); });
    if (record.status == RecordStatus::failed) forget_times(record);
  }

  void sample(PreparedCase& prepared, LogRecord& record) {
    const StoppingRule rule = stopping_rule(record.regime, budget_.sampling_time(elapsed()));
    const ClockGate gate = record.regime == TimingRegime::sustained ? ClockGate{} : options_.gate;
    const SampleSource source{[&] { return prepared.take(); }, [&] { return measurer_.now(); },
                              [&](Seconds time) { measurer_.rest(time); }};
    const SampledTimes times = sample_until_enough(record.regime, rule, gate, source);
    record.power_w = measurer_.power_w();
    fill_times(record, times);
    std::string excess = find_above_peak(record.work, Seconds(times.summary.median), options_.peaks,
                                         record.point.format, record.regime, options_.l2_bytes);
    if (!excess.empty()) fail(record, RecordStatus::above_peak, std::move(excess));
  }

  std::span<const MeasuredCase> points_;
  Measurer& measurer_;
  MeasureLogWriter& writer_;
  const SessionOptions& options_;
  const SessionListener& listener_;
  Seconds start_;
  Budget budget_;
  std::map<CaseRegime, RecordStatus> finished_;
  SessionSummary summary_;
  double least_anchor_ = 0;
  double most_anchor_ = 0;
};

}  // namespace

SessionSummary run_session(std::span<const MeasuredCase> points, Measurer& measurer, MeasureLogWriter& writer,
                           const MeasureLog* log, const SessionOptions& options,
                           const SessionListener& listener) {
  return SessionRun(points, measurer, writer, log, options, listener).run();
}

bool run_checks(std::span<const MeasuredCase> points, Measurer& measurer,
                const std::function<void(const LogRecord& record)>& report) {
  bool passed = true;
  for (const MeasuredCase& point : points) {
    LogRecord record = record_of(point, TimingRegime::cold);
    (void)prepare_checked(measurer, point, record);
    passed =
        passed && (record.status == RecordStatus::measured || record.status == RecordStatus::unsupported);
    report(record);
    if (record.status == RecordStatus::failed && measurer.is_lost())
      throw RunError("the device is lost after " + record.id + ": " + record.reason);
  }
  return passed;
}

}  // namespace moesim
