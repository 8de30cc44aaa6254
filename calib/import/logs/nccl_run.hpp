#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "calib/import/logs/line_reader.hpp"
#include "calib/import/logs/log_points.hpp"

namespace moesim {

/// One run of a program of nccl-tests.
struct NcclRun {
  std::string collective;  ///< "all_reduce", or empty where the log does not name the program
  std::string tests_version;
  std::string nccl_version;
  std::set<std::string> hosts;  ///< of the first group
  std::set<std::string> devices;
  std::size_t num_ranks = 0;  ///< of the first group
  int iterations = 0;
  int graph_launches = 0;
  int aggregated = 1;
  bool cpu_time = false;
};

/// One row of a run: out of place, as the columns stand for.
struct NcclRow {
  double bytes = 0;
  double count = 0;
  std::string type;
  std::string operation;  ///< "sum" or "none"
  Printed time;           ///< s
  Printed algorithm_bandwidth;
  Printed bus_bandwidth;
  bool wrong = false;  ///< the run found wrong values
  double p10 = 1;
  double p90 = 1;
};

/// The collective in a text that names a program: "all_reduce" for "./build/all_reduce_perf -b 8"; empty
/// where there is none.
std::string collective_in(std::string_view text);

/// "2.29.2" for 22902.
std::string nccl_version_text(int code);

/// Checks a row against its run and adds its point, or counts it as unused. A row whose figures contradict
/// each other is `fail`ed with what and hint.
class NcclPoints {
 public:
  NcclPoints(const LogFile& log, LogPoints& out) : log_(log), out_(out) {}
  /// `place` as in LogPoint; `line` counts from 0.
  void add(const NcclRun& run, const NcclRow& row, const std::string& place);

 private:
  void check(const NcclRun& run, const NcclRow& row, const std::string& place) const;

  const LogFile& log_;
  LogPoints& out_;
};

}  // namespace moesim
