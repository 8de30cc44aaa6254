#pragma once

#include <filesystem>

#include "base/sqlite/database.hpp"
#include "sim/results/sweep_reader.hpp"

namespace moesim {

/// How long a sweep file waits for another program's lock.
inline constexpr Seconds kSweepBusyTimeout{10};

/// A fault of the database as what it means for a sweep file: OutputError where it cannot be written, else
/// RunError.
[[noreturn]] void fail_with(const sqlite::DatabaseError& error, const std::filesystem::path& path);

/// Throws RunError where the database is no sweep, of another version or damaged.
void require_sweep(sqlite::Database& database, const std::filesystem::path& path);

/// Runs `body`, faults of the database through fail_with().
template <class Body>
auto with_sweep_faults(const std::filesystem::path& path, const Body& body) {
  try {
    return body();
  } catch (const sqlite::DatabaseError& error) {
    fail_with(error, path);
  }
}

}  // namespace moesim
