#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "calib/measure/rank_needs.hpp"
#include "calib/measure/ranks.hpp"

namespace moesim::calibrate {

/// What the command line chose.
struct Options {
  std::string log;                  ///< of `run`
  std::vector<std::string> logs;    ///< of `profile`, one a rank
  std::string profile;              ///< to write
  std::string name;                 ///< of the profile; empty: that of its file
  std::vector<std::string> groups;  ///< empty: all
  bool quick = false;
  bool resume = false;
  bool cases = false;
  std::uint64_t seed = 1;
  int num_random = 0;
  int device = 0;
  RankOptions ranks;     ///< empty: as the launcher's variables say
  RankNeeds listed;      ///< ranks and nodes whose suite `list` shows
  std::string id_file;   ///< through which ranks find each other
  double budget_s = -1;  ///< below 0: that of quick or full
};

/// The words of the command line are wrong. Exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

ExitCode run(const Options& options);
ExitCode check(const Options& options);
ExitCode list(const Options& options);
ExitCode profile(const Options& options);

/// The whole program `moesim-calibrate` but for what it prints of errors. Throws UsageError, LocatedError,
/// OutputError, CudaError, RunError.
ExitCode run_program(const std::vector<std::string>& arguments);

}  // namespace moesim::calibrate
