#include "base/sqlite/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/error.hpp"

namespace moesim::sqlite {

Database::Database(const std::filesystem::path& path, Mode mode) {
  const int flags = mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string text = sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw RunError(fmt::format("{}: {}", path.string(), text));
  }
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw RunError(fmt::format("database: {}", sqlite3_errmsg(handle_)));
  }
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
  if (code != SQLITE_OK) throw RunError(fmt::format("database: {}", sqlite3_errmsg(database_)));
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
