#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calib/measure/measured_case.hpp"
#include "calib/measure/peaks.hpp"

namespace moesim {

inline constexpr int kMeasureLogVersion = 1;

/// The first line of a log: what ran where. docs/measuring.md describes the format.
struct LogHeader {
  std::string record = "header";
  int schema_version = kMeasureLogVersion;
  std::string moesim_version;
  DeviceSignature device;
  std::string uuid;
  double l2_bytes = 0;
  std::string driver;              ///< of the kernel module, empty where NVML is missing
  int cuda_driver_version = 0;     ///< as 13000
  int cuda_runtime_version = 0;    ///< as 13000
  double reference_clock_mhz = 0;  ///< of the SMs under load when the run began
  double event_overhead_us = 0;    ///< what the events show around nothing
  double empty_kernel_us = 0;      ///< what they show around a kernel that does nothing; 0: not known
  double empty_in_graph_us = 0;    ///< one such kernel among those of a graph
  double idle_power_w = 0;
  std::uint64_t seed = 0;
  int rank = 0;
  int num_ranks = 1;
  std::string date;  ///< YYYY-MM-DD, UTC
};
const Spec<LogHeader>& spec_of(const LogHeader*);

enum class RecordStatus {
  measured,
  unsupported,   ///< the device or the library cannot run the case
  failed,        ///< an error ended it
  check_failed,  ///< the output is wrong: not timed
  above_peak,    ///< timed faster than the hardware can be
};
template <>
struct EnumNames<RecordStatus> {
  static constexpr std::array<std::pair<RecordStatus, std::string_view>, 5> table{{
      {RecordStatus::measured, "measured"},
      {RecordStatus::unsupported, "unsupported"},
      {RecordStatus::failed, "failed"},
      {RecordStatus::check_failed, "check_failed"},
      {RecordStatus::above_peak, "above_peak"},
  }};
};

/// One case in one regime.
struct LogRecord {
  std::string record = "case";  ///< or "anchor"
  std::string id;
  MeasuredCase point;  ///< as `case`; regimes and quick are not written
  TimingRegime regime = TimingRegime::cold;
  RecordStatus status = RecordStatus::measured;
  std::string reason;  ///< why it is not measured
  std::string kernel;  ///< library and algorithm, empty for a kernel of moesim
  std::optional<CheckResult> check;
  Work work;
  std::vector<double> samples_us;  ///< raw, in the order they were taken
  double median_us = 0;
  double p10_us = 0;
  double p90_us = 0;
  int num_samples = 0;
  int num_repeated = 0;   ///< thrown away because the clock was low
  int num_low_clock = 0;  ///< kept though it was
  double sm_clock_before_mhz = 0;
  double sm_clock_after_mhz = 0;
  double power_w = 0;    ///< as the driver says after the last sample; 0: not known
  double elapsed_s = 0;  ///< of the run when the line was written
};
const Spec<LogRecord>& spec_of(const LogRecord*);

/// A log as read.
struct MeasureLog {
  std::string path;
  LogHeader header;
  std::vector<LogRecord> records;
  std::uintmax_t whole_bytes = 0;  ///< up to the end of the last whole line
  bool truncated = false;          ///< a part of a line follows, as an interrupted run leaves it
};

/// Throws SpecError naming FILE:LINE for a line that is no record, CalibrationError for another schema
/// version. A last line without its newline is left out.
MeasureLog read_measure_log(const std::filesystem::path& path);

/// Appends records, each with one write of a whole line, so that an interrupted run loses none.
class MeasureLogWriter {
 public:
  /// A new log. Throws OutputError where the file exists or cannot be written.
  MeasureLogWriter(const std::filesystem::path& path, const LogHeader& header);
  /// Continues `log` after its last whole line. Throws CalibrationError where the device, the seed or the
  /// ranks are others than its header says.
  MeasureLogWriter(const MeasureLog& log, const LogHeader& header);
  ~MeasureLogWriter();
  MeasureLogWriter(const MeasureLogWriter&) = delete;
  MeasureLogWriter& operator=(const MeasureLogWriter&) = delete;

  void append(const LogRecord& record);

 private:
  void write_line(const std::string& line);
  std::string path_;
  int descriptor_ = -1;
};

/// A case in one regime, by its id.
using CaseRegime = std::pair<std::string, TimingRegime>;

/// What a log has finished, and how it ended; the last record of a case counts.
std::map<CaseRegime, RecordStatus> finished_cases(const MeasureLog& log);

/// Takes the records of cases and regimes out of what was read, which are then measured again.
void forget(MeasureLog& log, const std::set<CaseRegime>& cases);

}  // namespace moesim
