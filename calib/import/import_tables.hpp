#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// What a profile is made of.
struct TableImport {
  std::vector<std::filesystem::path> files;
  std::string name;
  std::string source = "kernel-tables";  ///< id of the tables' source
  std::optional<ProfileFile> base;       ///< extended by the tables
  std::optional<GpuFacts> gpu;           ///< replaces that of the base
};

/// A row that claims what the GPU cannot do.
struct SuspectRow {
  std::string file;
  std::size_t line = 0;
  std::string reason;
};

/// How the rows of one table were used: read = unused + suspect + used.
struct TableCount {
  std::string file;
  std::string table;
  std::size_t read = 0;
  std::size_t unused = 0;
  std::size_t suspect = 0;
};

/// How points of one operator and format were used: points = kept + thinned, and the absolute error of the
/// profile at what was thinned.
struct PointCount {
  std::string name;  ///< "gemm fp8"
  std::size_t points = 0;
  std::size_t kept = 0;
  std::optional<double> median_error;
  std::optional<double> p90_error;
};

struct ImportReport {
  std::vector<TableCount> tables;
  std::vector<SuspectRow> suspects;
  std::vector<PointCount> points;
};

/// A profile of the tables: every row is checked against the GPU, impossible ones stay in the report only;
/// repeated points keep the shortest time; what the curves give back by themselves is left out. The same
/// files give the same profile in any order. Throws SpecError.
ProfileFile import_tables(const TableImport& import, ImportReport& report);

/// The text of a profile file: as write_json(), with the rows of tables packed into lines.
std::string profile_text(const ProfileFile& profile);

}  // namespace moesim
