// The commands that run on a GPU.
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <optional>

#include <fmt/format.h>

#include "base/progress.hpp"
#include "calib/kernels/gpu_measurer.hpp"
#include "calib/kernels/program/host_commands.hpp"
#include "calib/kernels/program/program.hpp"
#include "calib/measure/budget.hpp"
#include "calib/measure/suite.hpp"
#include "calib/measure/suite_text.hpp"

namespace moesim::calibrate {

namespace {

/// Throws RunError where there is none.
DeviceFacts open_device(const Options& options) {
  const int count = count_devices();
  if (count == 0) throw RunError("no CUDA device was found");
  if (options.device >= count)
    throw UsageError(fmt::format("--device {}: this machine has {} CUDA device{}", options.device, count,
                                 count == 1 ? "" : "s"));
  moesim::check(cudaSetDevice(options.device));
  return device_facts(options.device);
}

Seconds budget_of(const Options& options) {
  if (options.budget_s >= 0) return Seconds(options.budget_s);
  return options.quick ? kQuickBudget : kFullBudget;
}

SessionOptions session_options(const Options& options, const LogHeader& header) {
  SessionOptions session;
  session.seed = options.seed;
  session.budget = budget_of(options);
  session.gate.reference_mhz = header.reference_clock_mhz;
  session.peaks = hardware_peaks(header.device);
  session.l2_bytes = header.l2_bytes;
  session.anchor = anchor_case();
  return session;
}

void print_summary(const SessionSummary& summary, const Options& options) {
  std::cout << fmt::format(
      "measured {}, found in the log {}, unsupported {}, failed {}, above peak {}, in {:.0f} s; anchor "
      "within {:.1f} %\nlog: {}\n",
      summary.num_measured, summary.num_resumed, summary.num_unsupported, summary.num_failed,
      summary.num_above_peak, summary.elapsed.value(), 100 * (summary.anchor_spread - 1), options.log);
}

std::string left_text(Seconds left) {
  const double seconds = left.value();
  return seconds < 90 ? fmt::format("{:.0f} s left", seconds) : fmt::format("{:.0f} min left", seconds / 60);
}

}  // namespace

ExitCode run(const Options& options) {
  const auto points = cases_of(options);
  GpuMeasurer measurer(open_device(options), options.seed);
  const LogHeader header = measurer.header();
  std::optional<MeasureLog> log;
  if (options.resume) log = read_measure_log(options.log);
  std::optional<MeasureLogWriter> writer;
  if (log) {
    writer.emplace(*log, header);
  } else {
    writer.emplace(options.log, header);
  }
  SessionSummary summary;
  {
    ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
    const SessionListener listener{
        [&](double fraction, const std::string& id, Seconds left) {
          bar.update(fraction, fmt::format("{}  {}", left_text(left), id));
        },
        [](const LogRecord& record) { std::cout << record_row(record) << std::flush; }};
    summary = run_session(points, measurer, *writer, log ? &*log : nullptr, session_options(options, header),
                          listener);
  }
  print_summary(summary, options);
  if (!options.profile.empty()) write_profile({read_measure_log(options.log)}, options);
  return summary.passed() ? ExitCode::kDone : ExitCode::kRunFailed;
}

ExitCode check(const Options& options) {
  const auto points = options.num_random > 0 ? random_cases(options.num_random, options.seed, options.groups)
                                             : cases_of(options);
  GpuMeasurer measurer(open_device(options), options.seed);
  int failed = 0;
  int unsupported = 0;
  const bool passed = run_checks(points, measurer, [&](const LogRecord& record) {
    unsupported += record.status == RecordStatus::unsupported ? 1 : 0;
    failed += record.status == RecordStatus::failed || record.status == RecordStatus::check_failed ? 1 : 0;
    std::cout << check_row(record) << std::flush;
  });
  std::cout << fmt::format("checked {}, unsupported {}, failed {}\n", points.size(), unsupported, failed);
  return passed ? ExitCode::kDone : ExitCode::kRunFailed;
}

}  // namespace moesim::calibrate
