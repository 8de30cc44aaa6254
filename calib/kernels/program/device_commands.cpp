// The commands that run on a GPU.
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/progress.hpp"
#include "calib/kernels/collectives/communicator.hpp"
#include "calib/kernels/gpu_measurer.hpp"
#include "calib/kernels/program/host_commands.hpp"
#include "calib/kernels/program/program.hpp"
#include "calib/measure/budget.hpp"
#include "calib/measure/suite.hpp"
#include "calib/measure/suite_text.hpp"

namespace moesim::calibrate {

namespace {

/// The device of this process and, among several, the ranks that it measures with.
struct OpenedDevice {
  DeviceFacts facts;
  std::unique_ptr<Communicator> ranks;
  RankNeeds needs;  ///< ranks and nodes of the run
  bool is_first = true;
};

/// Throws RunError where there is no device.
OpenedDevice open_device(const Options& options) {
  const int count = count_devices();
  if (count == 0) throw RunError("no CUDA device was found");
  const RankPlace place = rank_place(options.ranks);
  const int index = device_index(place, options.device, count);
  moesim::check(cudaSetDevice(index));
  OpenedDevice opened;
  opened.facts = device_facts(index);
  if (place.size == 1) return opened;
  opened.ranks = std::make_unique<Communicator>(place, options.id_file);
  opened.facts.ranks = opened.ranks.get();
  opened.needs = {place.size, opened.ranks->num_nodes()};
  opened.is_first = place.rank == 0;
  return opened;
}

/// Every rank writes a log of its own: LOG.ndjson, of several ranks LOG.rank0.ndjson and so on.
std::filesystem::path log_of(const std::filesystem::path& log, const OpenedDevice& device) {
  if (!device.ranks) return log;
  const std::string name =
      fmt::format("{}.rank{}{}", log.stem().string(), device.ranks->rank(), log.extension().string());
  return log.parent_path() / name;
}

/// Does `part` on every rank. Throws RunError where it failed on another one, which this one must not wait
/// for; what it throws here goes on.
template <class Part>
void on_every_rank(RankGroup* ranks, const char* name, Part part) {
  std::exception_ptr error;
  try {
    part();
  } catch (...) {
    error = std::current_exception();
  }
  const bool failed = ranks != nullptr && ranks->worst(error ? 1 : 0) > 0;
  if (error) std::rethrow_exception(error);
  if (failed) throw RunError(fmt::format("another rank could not {}", name));
}

/// Of what this rank's log has finished only what those of all ranks have: all go on with the same cases.
void keep_common(MeasureLog& log, std::span<const MeasuredCase> points, RankGroup& ranks) {
  const auto finished = finished_cases(log);
  std::set<CaseRegime> unfinished;
  for (const MeasuredCase& point : points) {
    for (const TimingRegime regime : point.regimes) {
      const bool own = finished.contains({point.id(), regime});
      if (ranks.largest(own ? 0 : 1) > 0) unfinished.insert({point.id(), regime});
    }
  }
  forget(log, unfinished);
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

void print_summary(const SessionSummary& summary, const std::filesystem::path& log) {
  std::cout << fmt::format(
      "measured {}, found in the log {}, unsupported {}, failed {}, above peak {}, in {:.0f} s; anchor "
      "within {:.1f} %\nlog: {}\n",
      summary.num_measured, summary.num_resumed, summary.num_unsupported, summary.num_failed,
      summary.num_above_peak, summary.elapsed.value(), 100 * (summary.anchor_spread - 1), log.string());
}

std::string left_text(Seconds left) {
  const double seconds = left.value();
  return seconds < 90 ? fmt::format("{:.0f} s left", seconds) : fmt::format("{:.0f} min left", seconds / 60);
}

}  // namespace

ExitCode run(const Options& options) {
  const OpenedDevice device = open_device(options);
  const auto points = cases_of(options, device.needs);
  const std::filesystem::path path = log_of(options.log, device);
  GpuMeasurer measurer(device.facts, options.seed);
  const LogHeader header = measurer.header();
  std::optional<MeasureLog> log;
  std::optional<MeasureLogWriter> writer;
  on_every_rank(device.ranks.get(), "open its log", [&] {
    if (options.resume) log = read_measure_log(path);
    log ? writer.emplace(*log, header) : writer.emplace(path, header);
  });
  if (log && device.ranks) keep_common(*log, points, *device.ranks);
  SessionSummary summary;
  {
    ProgressBar bar(STDERR_FILENO, device.is_first && stderr_is_terminal());
    const SessionListener listener{[&](double fraction, const std::string& id, Seconds left) {
                                     bar.update(fraction, fmt::format("{}  {}", left_text(left), id));
                                   },
                                   [&](const LogRecord& record) {
                                     if (device.is_first) std::cout << record_row(record) << std::flush;
                                   }};
    summary = run_session(points, measurer, *writer, log ? &*log : nullptr,
                          // Clocks are judged as when the log was begun.
                          session_options(options, log ? log->header : header), listener);
  }
  if (device.is_first) print_summary(summary, path);
  // The times of a log are those of the slowest rank, so one log makes the profile.
  if (device.is_first && !options.profile.empty()) write_profile({read_measure_log(path)}, options);
  return summary.passed() ? ExitCode::kDone : ExitCode::kRunFailed;
}

ExitCode check(const Options& options) {
  const OpenedDevice device = open_device(options);
  const auto points = options.num_random > 0
                          ? random_cases(options.num_random, options.seed, options.groups, device.needs)
                          : cases_of(options, device.needs);
  GpuMeasurer measurer(device.facts, options.seed);
  int failed = 0;
  int unsupported = 0;
  const bool passed = run_checks(points, measurer, [&](const LogRecord& record) {
    unsupported += record.status == RecordStatus::unsupported ? 1 : 0;
    failed += record.status == RecordStatus::failed || record.status == RecordStatus::check_failed ? 1 : 0;
    if (device.is_first) std::cout << check_row(record) << std::flush;
  });
  if (device.is_first)
    std::cout << fmt::format("checked {}, unsupported {}, failed {}\n", points.size(), unsupported, failed);
  return passed ? ExitCode::kDone : ExitCode::kRunFailed;
}

}  // namespace moesim::calibrate
