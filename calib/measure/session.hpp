#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "calib/measure/budget.hpp"
#include "calib/measure/measure_log.hpp"
#include "calib/measure/sampling.hpp"

namespace moesim {

/// A case that is ready to be checked and timed.
class PreparedCase {
 public:
  PreparedCase() = default;
  virtual ~PreparedCase() = default;
  PreparedCase(const PreparedCase&) = delete;
  PreparedCase& operator=(const PreparedCase&) = delete;

  [[nodiscard]] virtual Work work() const = 0;
  [[nodiscard]] virtual std::string kernel() const = 0;
  virtual CheckResult check() = 0;
  [[nodiscard]] virtual bool can(TimingRegime regime) const = 0;
  /// Warms up for a regime; its samples follow.
  virtual void begin(TimingRegime regime) = 0;
  virtual Sample take() = 0;
};

/// The machine that measures: a GPU, or a twin in the tests.
class Measurer {
 public:
  Measurer() = default;
  virtual ~Measurer() = default;
  Measurer(const Measurer&) = delete;
  Measurer& operator=(const Measurer&) = delete;

  /// Why the case cannot run here; empty where it can.
  virtual std::string unsupported(const MeasuredCase& point) = 0;
  /// Throws where buffers are not to be had; UnsupportedCase where nothing runs the case, as unsupported()
  /// would have said.
  virtual std::unique_ptr<PreparedCase> prepare(const MeasuredCase& point) = 0;
  /// Wall time since any fixed moment; the same on every rank.
  virtual Seconds now() = 0;
  /// Leaves the device idle for so long.
  virtual void rest(Seconds time) = 0;
  /// As the driver says; 0 where it does not.
  virtual double power_w() = 0;
  /// The worst of what the ranks give (the later in RecordStatus), on each of them: they go on with a case
  /// together or not at all, since the next step may be one that all of them take part in.
  virtual RecordStatus worst_of_ranks(RecordStatus own) { return own; }
  /// Whether an error has left the device unusable for this process.
  virtual bool is_lost() = 0;
};

struct SessionOptions {
  std::uint64_t seed = 0;
  Seconds budget;  ///< 0: none
  ClockGate gate;
  GpuFacts peaks;
  double l2_bytes = 0;
  MeasuredCase anchor;
};

/// What the session tells while it runs.
struct SessionListener {
  /// `fraction` done, the id of the case at hand, the time that is left.
  std::function<void(double fraction, const std::string& id, Seconds left)> progress;
  std::function<void(const LogRecord& record)> record;
};

struct SessionSummary {
  int num_measured = 0;
  int num_resumed = 0;  ///< found in the log, those that failed among them
  int num_unsupported = 0;
  int num_failed = 0;        ///< by an error or a failed check, in this run or in the log that it continues
  int num_above_peak = 0;    ///< likewise
  double anchor_spread = 1;  ///< largest over smallest median of the anchor
  Seconds elapsed;
  [[nodiscard]] bool passed() const { return num_failed == 0 && num_above_peak == 0; }
};

/// Measures the cases of the suite that `log` (may be null) has not finished, in the order of the seed, and
/// appends every record to `writer` as it comes. A case that fails is recorded and the session goes on; what
/// the log holds as failed is not tried again and counts as it did.
/// Throws RunError where the device is lost; what is in the log then stays finished.
SessionSummary run_session(std::span<const MeasuredCase> points, Measurer& measurer, MeasureLogWriter& writer,
                           const MeasureLog* log, const SessionOptions& options,
                           const SessionListener& listener);

/// Prepares and checks every case without timing it; the records have no samples. True where all passed.
bool run_checks(std::span<const MeasuredCase> points, Measurer& measurer,
                const std::function<void(const LogRecord& record)>& report);

}  // namespace moesim
