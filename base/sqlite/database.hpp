#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/quantity.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace moesim::sqlite {

/// What a fault of a database means to its owner.
enum class DatabaseFault { other, disk_full, locked, damaged, no_database };

/// Carries SQLite's text.
struct DatabaseError : RunError {
  DatabaseError(DatabaseFault what_kind, const std::string& what) : RunError(what), fault(what_kind) {}
  DatabaseFault fault;
};

/// An open database. Every fault is a DatabaseError.
class Database {
 public:
  enum class Mode {
    create,  ///< made where it is not there
    update,  ///< must be there
    read
  };
  Database(const std::filesystem::path& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// How long a statement waits for another process's lock; none by default.
  void set_busy_timeout(Seconds timeout);
  void execute(const std::string& sql);
  [[nodiscard]] int pragma(const std::string& name);
  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

/// A prepared statement; parameters and columns count from 0.
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view data);
  Statement& bind(int index, double value);
  Statement& bind(int index, std::int64_t value);
  /// True while there is a row.
  bool step();
  void reset();
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view blob(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  void expect(int code) const;
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace moesim::sqlite
