#include "sim/results/sweep_writer.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file_lock.hpp"
#include "sim/results/sweep_file.hpp"

namespace moesim {
namespace {

using sqlite::Database;
using sqlite::Statement;
using Clock = std::chrono::steady_clock;

constexpr int kMaxPending = 64;
constexpr std::chrono::milliseconds kMaxAge{500};

constexpr const char* kTables =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE sweep_case(idx INTEGER PRIMARY KEY, name TEXT NOT NULL, changes TEXT NOT NULL,"
    " state INTEGER NOT NULL, result TEXT, message TEXT, exit_code INTEGER NOT NULL);";

}  // namespace

struct SweepWriter::State {
  State(const std::filesystem::path& file, const SweepHeader& header)
      : path(file), lock(file), database(file, Database::Mode::create) {
    database.set_busy_timeout(kSweepBusyTimeout);
    if (database.pragma("page_count") == 0) {
      begin(header);
    } else {
      require_sweep(database, path);
      require_same(header);
    }
    database.execute("PRAGMA synchronous = FULL;");
    ended.resize(static_cast<std::size_t>(header.num_cases));
    read_ended();
    insert.emplace(database, "INSERT INTO sweep_case VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  using Meta = std::array<std::pair<std::string_view, std::string>, 5>;
  static Meta meta_of(const SweepHeader& header) {
    return {{{"moesim_version", header.moesim_version},
             {"grid", header.grid},
             {"kind", header.kind},
             {"axes", header.axes},
             {"cases", std::to_string(header.num_cases)}}};
  }

  void begin(const SweepHeader& header) {
    database.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE;");
    database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};{}",
                                 kSweepApplicationId, kSweepVersion, kTables));
    for (const auto& [key, value] : meta_of(header)) {
      Statement write(database, "INSERT INTO meta VALUES (?, ?)");
      write.bind(0, key).bind(1, value).step();
    }
    database.execute("COMMIT;");
  }

  void require_same(const SweepHeader& header) {
    for (const auto& [key, value] : meta_of(header)) {
      Statement read(database, "SELECT value FROM meta WHERE key = ?");
      read.bind(0, key);
      const std::string there = read.step() ? std::string(read.text(0)) : std::string();
      if (there == value) continue;
      if (key == "moesim_version") {
        throw OutputError(
            path.string(),
            fmt::format("begun by moesim {}, this is {}: their results would mix", there, value),
            "go on with that version, or name another file");
      }
      throw OutputError(path.string(), "holds the sweep of another grid; nothing was changed",
                        "name another file, or remove this one");
    }
  }

  void read_ended() {
    Statement select(database, "SELECT idx, state FROM sweep_case");
    while (select.step()) {
      const std::int64_t index = select.integer(0);
      const std::int64_t state = select.integer(1);
      const bool known =
          index >= 0 && index < static_cast<std::int64_t>(ended.size()) && (state == 1 || state == 2);
      if (!known) throw sqlite::DatabaseError(sqlite::DatabaseFault::damaged, "a case beyond its grid");
      ended[static_cast<std::size_t>(index)] = true;
      ++counts[static_cast<std::size_t>(state)];
    }
  }

  void add(const SweepCase& one) {
    if (pending == 0) {
      database.execute("BEGIN IMMEDIATE;");
      first_pending = Clock::now();
    }
    insert->reset();
    insert->bind(0, one.index).bind(1, one.name).bind(2, one.changes);
    insert->bind(3, static_cast<std::int64_t>(one.state)).bind(4, one.result).bind(5, one.message);
    insert->bind(6, std::int64_t{one.exit_code}).step();
    insert->reset();
    ended[static_cast<std::size_t>(one.index)] = true;
    ++counts[static_cast<std::size_t>(one.state)];
    if (++pending == kMaxPending) commit();
  }

  void commit() {
    if (pending == 0) return;
    database.execute("COMMIT;");
    pending = 0;
  }

  std::filesystem::path path;
  FileLock lock;
  Database database;
  std::optional<Statement> insert;
  std::vector<bool> ended;
  std::array<std::int64_t, 3> counts{};  ///< by state
  int pending = 0;
  Clock::time_point first_pending;
};

SweepWriter::SweepWriter(const std::filesystem::path& path, const SweepHeader& header) {
  with_sweep_faults(path, [&] { state_ = std::make_unique<State>(path, header); });
}

SweepWriter::~SweepWriter() = default;

bool SweepWriter::has(std::int64_t index) const {
  return state_->ended[static_cast<std::size_t>(index)];
}

std::int64_t SweepWriter::num_cases(SweepCaseState state) const {
  if (state != SweepCaseState::waiting) return state_->counts[static_cast<std::size_t>(state)];
  return static_cast<std::int64_t>(state_->ended.size()) - state_->counts[1] - state_->counts[2];
}

void SweepWriter::add(const SweepCase& ended) {
  with_sweep_faults(state_->path, [&] { state_->add(ended); });
}

void SweepWriter::commit_old() {
  if (state_->pending > 0 && Clock::now() - state_->first_pending >= kMaxAge) commit();
}

void SweepWriter::commit() {
  with_sweep_faults(state_->path, [&] { state_->commit(); });
}

}  // namespace moesim
