#include "sim/results/sweep_file.hpp"

#include <array>
#include <fstream>

#include <fmt/format.h>

namespace moesim {

using sqlite::Database;
using sqlite::DatabaseError;
using sqlite::DatabaseFault;
using sqlite::Statement;

void fail_with(const DatabaseError& error, const std::filesystem::path& path) {
  switch (error.fault) {
    case DatabaseFault::disk_full:
      throw OutputError(path.string(), "the disk is full, or the file as large as it may be",
                        "what was written before is kept: make room and start the same sweep again");
    case DatabaseFault::locked:
      throw RunError(
          fmt::format("{}: another program holds it locked; nothing was changed, wait for it and try again",
                      path.string()));
    case DatabaseFault::damaged:
      throw RunError(
          fmt::format("{}: damaged ({}); nothing was changed: keep a copy, then start the sweep in "
                      "another file",
                      path.string(), error.what()));
    case DatabaseFault::no_database:
      throw RunError(fmt::format("{}: not a sweep file; nothing was changed", path.string()));
    case DatabaseFault::other:
      break;
  }
  throw OutputError(path.string(), error.what(), "choose a file that can be read and written");
}

void require_sweep(Database& database, const std::filesystem::path& path) {
  if (database.pragma("application_id") != kSweepApplicationId) {
    throw RunError(fmt::format("{}: not a sweep file; nothing was changed", path.string()));
  }
  const int version = database.pragma("user_version");
  if (version != kSweepVersion) {
    throw RunError(
        fmt::format("{}: a sweep file of version {}, this program works with version {}; nothing was "
                    "changed",
                    path.string(), version, kSweepVersion));
  }
  Statement check(database, "PRAGMA quick_check(1)");
  if (check.step() && check.text(0) != "ok") {
    throw DatabaseError(DatabaseFault::damaged, std::string(check.text(0)));
  }
}

bool is_sweep_file(const std::filesystem::path& path) {
  // The database header: 16 bytes of magic, the application_id big-endian at 68.
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::array<char, 72> header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(header.data(), header.size())) return false;
  std::uint32_t id = 0;
  for (std::size_t i = 68; i < 72; ++i) id = id << 8 | static_cast<unsigned char>(header[i]);
  return std::string_view(header.data(), kMagic.size()) == kMagic && id == kSweepApplicationId;
}

}  // namespace moesim
