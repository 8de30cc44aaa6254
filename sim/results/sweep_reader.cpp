#include "sim/results/sweep_reader.hpp"

#include <charconv>

#include <fmt/format.h>

#include "sim/results/sweep_file.hpp"

namespace moesim {

using sqlite::Database;
using sqlite::Statement;

struct SweepReader::State {
  // A database that a killed writer left needs a writer to be read: SQLite then takes its journal back.
  explicit State(const std::filesystem::path& file) : path(file), database(file, Database::Mode::update) {
    database.set_busy_timeout(kSweepBusyTimeout);
    require_sweep(database, path);
    database.execute("PRAGMA query_only = ON");
  }
  std::filesystem::path path;
  Database database;
};

SweepReader::SweepReader(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) throw RunError(fmt::format("{}: no such file", path.string()));
  with_sweep_faults(path, [&] { state_ = std::make_unique<State>(path); });
}

SweepReader::~SweepReader() = default;

std::string SweepReader::meta(std::string_view key) const {
  return with_sweep_faults(state_->path, [&] {
    Statement select(state_->database, "SELECT value FROM meta WHERE key = ?");
    select.bind(0, key);
    return select.step() ? std::string(select.text(0)) : std::string();
  });
}

std::int64_t SweepReader::num_cases() const {
  const std::string text = meta("cases");
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::int64_t SweepReader::num_cases(SweepCaseState state) const {
  if (state == SweepCaseState::waiting) {
    return num_cases() - num_cases(SweepCaseState::done) - num_cases(SweepCaseState::failed);
  }
  return with_sweep_faults(state_->path, [&] {
    Statement count(state_->database, "SELECT count(*) FROM sweep_case WHERE state = ?");
    count.bind(0, static_cast<std::int64_t>(state)).step();
    return count.integer(0);
  });
}

void SweepReader::for_each_case(const std::function<void(const SweepCase&)>& visit) const {
  constexpr std::int64_t kPage = 64;  // between pages a writer may commit
  with_sweep_faults(state_->path, [&] {
    Statement select(state_->database,
                     "SELECT idx, name, changes, state, result, message, exit_code FROM sweep_case"
                     " WHERE idx > ? ORDER BY idx LIMIT ?");
    std::int64_t last = -1;
    std::int64_t count = 0;
    do {
      select.reset();
      select.bind(0, last).bind(1, kPage);
      for (count = 0; select.step(); ++count) {
        last = select.integer(0);
        visit({last, select.text(1), select.text(2), static_cast<SweepCaseState>(select.integer(3)),
               select.text(4), select.text(5), static_cast<int>(select.integer(6))});
      }
    } while (count == kPage);
  });
}

}  // namespace moesim
