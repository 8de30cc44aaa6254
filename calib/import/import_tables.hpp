#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"
#include "calib/profile/profile_text.hpp"

namespace moesim {

/// What is imported, and for which GPU.
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

/// How the rows of one table were used: read = unused + suspect + used; some of those used are regraded.
struct TableCount {
  std::string file;
  std::string table;
  std::size_t read = 0;
  std::size_t unused = 0;
  std::size_t suspect = 0;
  std::size_t regraded = 0;  ///< put on axes that what ran explains
};

struct ImportReport {
  std::vector<TableCount> tables;
  std::vector<SuspectRow> suspects;
};

/// A profile that holds every usable row of the tables, for fit(): every row is checked against the GPU,
/// impossible ones stay in the report only. The same files give the same profile in any order. Throws
/// SpecError.
ProfileFile import_tables(const TableImport& import, ImportReport& report);

}  // namespace moesim
