#include "base/sqlite/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace moesim::sqlite {

namespace {

DatabaseFault fault_of(sqlite3* handle) {
  switch (sqlite3_errcode(handle) & 0xFF) {
    case SQLITE_FULL:
      return DatabaseFault::disk_full;
    case SQLITE_IOERR:  // quotas and limits of the size of a file show as a write that fails
      return sqlite3_extended_errcode(handle) == SQLITE_IOERR_WRITE ? DatabaseFault::disk_full
                                                                    : DatabaseFault::other;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return DatabaseFault::locked;
    case SQLITE_CORRUPT:
      return DatabaseFault::damaged;
    case SQLITE_NOTADB:
      return DatabaseFault::no_database;
    default:
      return DatabaseFault::other;
  }
}

[[noreturn]] void fail(sqlite3* handle) {
  throw DatabaseError(fault_of(handle), fmt::format("database: {}", sqlite3_errmsg(handle)));
}

int flags_of(Database::Mode mode) {
  if (mode == Database::Mode::read) return SQLITE_OPEN_READONLY;
  return SQLITE_OPEN_READWRITE | (mode == Database::Mode::create ? SQLITE_OPEN_CREATE : 0);
}

}  // namespace

Database::Database(const std::filesystem::path& path, Mode mode) {
  if (sqlite3_open_v2(path.c_str(), &handle_, flags_of(mode), nullptr) != SQLITE_OK) {
    const DatabaseError error(fault_of(handle_),
                              fmt::format("{}: {}", path.string(), sqlite3_errmsg(handle_)));
    sqlite3_close(handle_);
    throw error;
  }
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::set_busy_timeout(Seconds timeout) {
  sqlite3_busy_timeout(handle_, static_cast<int>(1000 * timeout.value()));
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle_);
}

int Database::pragma(const std::string& name) {
  Statement statement(*this, "PRAGMA " + name);
  return statement.step() ? static_cast<int>(statement.integer(0)) : 0;
}

Statement::Statement(const Database& database, std::string_view sql) : database_(database.handle()) {
  expect(sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr));
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::expect(int code) const {
  if (code != SQLITE_OK) fail(database_);
}

Statement& Statement::bind(int index, std::string_view text) {
  expect(sqlite3_bind_text64(statement_, index + 1, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view data) {
  expect(sqlite3_bind_blob64(statement_, index + 1, data.data(), data.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(int index, double value) {
  expect(sqlite3_bind_double(statement_, index + 1, value));
  return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
  expect(sqlite3_bind_int64(statement_, index + 1, value));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) expect(code);
  return code == SQLITE_ROW;
}

void Statement::reset() {
  expect(sqlite3_reset(statement_));
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data == nullptr ? std::string_view() : data;
}

std::string_view Statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace moesim::sqlite
