#include "sim/results/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/sqlite/database.hpp"
#include "sim/results/load_chunk.hpp"
#include "sim/results/span_chunk.hpp"

namespace moesim {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kSpanStream = "span";

constexpr const char* kTables =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE series(name TEXT PRIMARY KEY, unit TEXT NOT NULL, count INTEGER NOT NULL, time_s BLOB NOT "
    "NULL,"
    " value BLOB NOT NULL);"
    "CREATE TABLE histogram(name TEXT PRIMARY KEY, unit TEXT NOT NULL, count INTEGER NOT NULL,"
    " edge BLOB NOT NULL, weight BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE chunk(stream TEXT NOT NULL, seq INTEGER NOT NULL, count INTEGER NOT NULL, t_min REAL NOT "
    "NULL,"
    " t_max REAL NOT NULL, data BLOB NOT NULL, PRIMARY KEY(stream, seq));";

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".partial");
}

std::string bytes_of(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

std::vector<double> doubles_of(std::string_view data) {
  std::vector<double> values(data.size() / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), data.data(), values.size() * sizeof(double));
  return values;
}

/// Load rows of a stream that are not written yet.
struct PendingLoads {
  LoadRows rows;
  std::int64_t num_chunks = 0;
};

/// Appends to a curve of the same name. (`||` makes text of blobs, whose bytes the cast gives back.)
constexpr const char* kAppendSeries =
    "INSERT INTO series VALUES (?, ?, ?, ?, ?) ON CONFLICT(name) DO UPDATE SET count = count + "
    "excluded.count,"
    " time_s = CAST(time_s || excluded.time_s AS BLOB), value = CAST(value || excluded.value AS BLOB)";

}  // namespace

struct StoreWriter::State {
  std::filesystem::path path;
  std::filesystem::path temporary;
  std::optional<RemovedOnInterrupt> removed_on_interrupt;
  std::optional<Database> database;
  std::optional<Statement> insert_chunk;
  std::vector<Span> pending;
  std::int64_t num_chunks = 0;
  std::map<std::string, PendingLoads, std::less<>> pending_loads;  ///< by stream

  void flush() {
    if (pending.empty()) return;
    double t_min = pending.front().start_s;
    double t_max = pending.front().end_s;
    for (const Span& span : pending) {
      t_min = std::min(t_min, span.start_s);
      t_max = std::max(t_max, span.end_s);
    }
    write_chunk(kSpanStream, num_chunks++, pending.size(), t_min, t_max, encode_spans(pending));
    pending.clear();
  }

  void flush(std::string_view stream, PendingLoads& loads) {
    if (loads.rows.size() == 0) return;
    write_chunk(stream, loads.num_chunks++, loads.rows.size(), static_cast<double>(loads.rows.first_step()),
                static_cast<double>(loads.rows.last_step()), loads.rows.encode());
    loads.rows.clear();
  }

  void flush_all() {
    flush();
    for (auto& [stream, loads] : pending_loads) flush(stream, loads);
  }

  void write_chunk(std::string_view stream, std::int64_t number, std::size_t count, double t_min,
                   double t_max, const std::string& data) {
    insert_chunk->reset();
    insert_chunk->bind(0, stream).bind(1, number).bind(2, static_cast<std::int64_t>(count));
    insert_chunk->bind(3, t_min).bind(4, t_max).bind_blob(5, data);
    insert_chunk->step();
  }

  /// Runs `write`; what the database cannot keep is an OutputError.
  template <class Write>
  void written(const Write& write) const {
    try {
      write();
    } catch (const RunError& error) {
      throw OutputError(path.string(), error.what(), "is the disk full?");
    }
  }
};

StoreWriter::StoreWriter(std::filesystem::path path) : state_(std::make_unique<State>()) {
  state_->temporary = temporary_beside(path);
  state_->path = std::move(path);
  std::error_code ignored;
  std::filesystem::remove(state_->temporary, ignored);
  try {
    state_->removed_on_interrupt.emplace(state_->temporary);
    Database& database = state_->database.emplace(state_->temporary, Database::Mode::create);
    database.execute("PRAGMA page_size = 65536; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
    database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kStoreApplicationId,
                                 kSchemaVersion));
    database.execute("BEGIN;");
    database.execute(kTables);
    state_->insert_chunk.emplace(database, "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?)");
  } catch (const RunError& error) {
    throw OutputError(state_->path.string(), error.what(), "choose a folder that exists and can be written");
  }
  state_->pending.reserve(kChunkRecords);
}

StoreWriter::~StoreWriter() {
  state_->insert_chunk.reset();
  if (!state_->database) return;
  state_->database.reset();
  std::error_code ignored;
  std::filesystem::remove(state_->temporary, ignored);
}

void StoreWriter::add(const Span& span) {
  state_->pending.push_back(span);
  if (state_->pending.size() == kChunkRecords) state_->written([this] { state_->flush(); });
}

void StoreWriter::add(std::string_view stream, const LoadRow& row) {
  auto found = state_->pending_loads.find(stream);
  if (found == state_->pending_loads.end())
    found = state_->pending_loads.try_emplace(std::string(stream)).first;
  PendingLoads& loads = found->second;
  loads.rows.add(stream, row);
  if (loads.rows.size() < load_rows_per_chunk(loads.rows.width())) return;
  state_->written([&] { state_->flush(stream, loads); });
}

void StoreWriter::add(const Series& part) {
  state_->written([&] {
    Statement insert(*state_->database, kAppendSeries);
    insert.bind(0, part.name).bind(1, part.unit).bind(2, static_cast<std::int64_t>(part.value.size()));
    insert.bind_blob(3, bytes_of(part.time_s)).bind_blob(4, bytes_of(part.value));
    insert.step();
  });
}

void StoreWriter::add(const Histogram& histogram) {
  state_->written([&] {
    Statement insert(*state_->database, "INSERT OR REPLACE INTO histogram VALUES (?, ?, ?, ?, ?)");
    insert.bind(0, histogram.name).bind(1, histogram.unit);
    insert.bind(2, static_cast<std::int64_t>(histogram.edge.size()));
    insert.bind_blob(3, bytes_of(histogram.edge)).bind_blob(4, bytes_of(histogram.weight));
    insert.step();
  });
}

void StoreWriter::set_meta(std::string_view key, std::string_view value) {
  Statement insert(*state_->database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
  insert.bind(0, key).bind(1, value);
  insert.step();
}

void StoreWriter::commit() {
  state_->written([this] {
    state_->flush_all();
    state_->database->execute("COMMIT;");
  });
  state_->insert_chunk.reset();
  state_->database.reset();
  std::filesystem::rename(state_->temporary, state_->path);
}

struct StoreReader::State {
  explicit State(const std::filesystem::path& path) : database(path, Database::Mode::read) {}
  Database database;
};

StoreReader::StoreReader(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {
  if (state_->database.pragma("application_id") != kStoreApplicationId) {
    throw RunError(fmt::format("{}: not a record file", path.string()));
  }
  const int version = state_->database.pragma("user_version");
  if (version != kSchemaVersion) {
    throw RunError(
        fmt::format("{}: schema version {}, this program reads {}", path.string(), version, kSchemaVersion));
  }
}

StoreReader::~StoreReader() = default;

std::string StoreReader::meta(std::string_view key) const {
  Statement select(state_->database, "SELECT value FROM meta WHERE key = ?");
  select.bind(0, key);
  return select.step() ? std::string(select.text(0)) : std::string();
}

std::vector<Series> StoreReader::series() const {
  std::vector<Series> all;
  Statement select(state_->database, "SELECT name, unit, time_s, value FROM series ORDER BY name");
  while (select.step()) {
    all.push_back({std::string(select.text(0)), std::string(select.text(1)), doubles_of(select.blob(2)),
                   doubles_of(select.blob(3))});
  }
  return all;
}

std::vector<Histogram> StoreReader::histograms() const {
  std::vector<Histogram> all;
  Statement known(state_->database,
                  "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'histogram'");
  if (!known.step()) return all;
  Statement select(state_->database, "SELECT name, unit, edge, weight FROM histogram ORDER BY name");
  while (select.step()) {
    all.push_back({std::string(select.text(0)), std::string(select.text(1)), doubles_of(select.blob(2)),
                   doubles_of(select.blob(3))});
  }
  return all;
}

std::size_t StoreReader::num_spans() const {
  Statement select(state_->database, "SELECT coalesce(sum(count), 0) FROM chunk WHERE stream = 'span'");
  select.step();
  return static_cast<std::size_t>(select.integer(0));
}

void StoreReader::for_each_chunk(double t_min, double t_max,
                                 const std::function<void(const std::vector<Span>&)>& visit) const {
  Statement select(
      state_->database,
      "SELECT count, data FROM chunk WHERE stream = 'span' AND t_max >= ? AND t_min <= ? ORDER BY seq");
  select.bind(0, t_min).bind(1, t_max);
  while (select.step()) visit(decode_spans(select.blob(1), static_cast<std::size_t>(select.integer(0))));
}

std::vector<LoadStream> StoreReader::load_streams() const {
  std::vector<LoadStream> streams;
  Statement select(
      state_->database,
      "SELECT stream, count, length(data) FROM chunk WHERE seq = 0 AND stream != 'span' ORDER BY stream");
  while (select.step()) {
    const auto count = static_cast<std::size_t>(select.integer(1));
    streams.push_back(
        {std::string(select.text(0)), load_width(static_cast<std::size_t>(select.integer(2)), count)});
  }
  return streams;
}

void StoreReader::for_each_load(std::string_view stream, std::int64_t first_step, std::int64_t last_step,
                                const std::function<void(const LoadRow&)>& visit) const {
  Statement select(
      state_->database,
      "SELECT count, data FROM chunk WHERE stream = ? AND t_max >= ? AND t_min <= ? ORDER BY seq");
  select.bind(0, stream).bind(1, static_cast<double>(first_step)).bind(2, static_cast<double>(last_step));
  while (select.step()) {
    const LoadRows rows = LoadRows::decode(select.blob(1), static_cast<std::size_t>(select.integer(0)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const LoadRow row = rows[i];
      if (row.step >= first_step && row.step <= last_step) visit(row);
    }
  }
}

}  // namespace moesim
