#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "calib/import/import_tables.hpp"
#include "calib/import/logs/log_points.hpp"

namespace moesim {

/// What a profile of logs is made of.
struct LogImport {
  const LogFormat* format = nullptr;
  std::vector<std::filesystem::path> files;
  std::string name;
  std::string source;  ///< id that the entries name
  std::optional<ProfileFile> base;
  std::optional<GpuFacts> gpu;  ///< replaces that of the base
  LogSettings settings;
};

/// How the rows of one log were used: read = unused + suspect + used.
struct LogCount {
  std::string file;
  std::string device;  ///< empty where the log names none
  std::size_t read = 0;
  std::size_t unused = 0;
  std::size_t suspect = 0;
  std::map<std::string, std::size_t> reasons;  ///< of the unused ones
};

struct SuspectPoint {
  std::string file;
  std::string place;
  std::string reason;
};

/// Points of one operator and format.
struct LogOperatorCount {
  std::string name;  ///< "gemm fp8"
  std::size_t points = 0;
  double fastest = 0;  ///< s per call, or per byte where only a bandwidth is printed
  double slowest = 0;
};

struct LogReport {
  std::vector<LogCount> files;
  std::vector<SuspectPoint> suspects;
  std::vector<LogOperatorCount> operators;
  std::vector<std::string> warnings;  ///< timings of one point that differ by more than 0.5 %
};

/// A profile whose entries are the points of the logs, each graded against the GPU; suspects stay in the
/// report only. Of several timings of one point the shortest stands, the others are its spread. The same
/// files give the same profile in any order. Throws SpecError, also where a log names another GPU.
ProfileFile import_logs(const LogImport& import, LogReport& report);

}  // namespace moesim
