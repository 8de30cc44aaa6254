#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calib/import/logs/log_file.hpp"
#include "calib/profile/claimed_work.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim {

/// What the lines of some programs do not say about their run.
struct LogSettings {
  std::optional<double> ep;  ///< ranks of an expert-parallel group
  double tokens = 128;       ///< per rank, of low-latency transfers; as the test's own default
  double hidden = 7168;
  double top_k = 8;
};

/// One timed point of a log. `entry` has no gpu, provenance and source yet.
struct LogPoint {
  Entry entry;
  ClaimedWork work;
  std::string place;    ///< "line 12" or "/results/3"
  std::string suspect;  ///< what the log itself says against it; empty: nothing
};

/// What one log holds; rows read = points + unused.
struct LogPoints {
  std::string file;
  std::string device;  ///< GPU as the log names it; empty where it names none
  std::vector<LogPoint> points;
  std::map<std::string, std::size_t> unused;  ///< rows without a counterpart here, by reason

  void add(Entry entry, std::string place);
  [[nodiscard]] std::size_t num_unused() const;
};

/// A kind of log: the test programs of one project, in every release that docs/calibration.md names.
struct LogFormat {
  std::string_view name;   ///< of the subcommand
  std::string_view title;  ///< of the source where the user's profile has none of that id
  std::string_view url;
  std::string_view example;  ///< a line of such a log
  bool transfers;            ///< whether LogSettings are read
  LogPoints (*read)(const LogFile& log, const LogSettings& settings);
};

/// Every kind, in the order of the help.
std::span<const LogFormat> log_formats();

/// The readers. Lines of other programs are passed over; a line that begins as one of the program but goes on
/// otherwise, figures that contradict each other and a log that ends early are SpecErrors.
LogPoints read_nccl_tests(const LogFile& log, const LogSettings& settings);
LogPoints read_deepep(const LogFile& log, const LogSettings& settings);
LogPoints read_deepgemm(const LogFile& log, const LogSettings& settings);
LogPoints read_flashmla(const LogFile& log, const LogSettings& settings);

}  // namespace moesim
