#include <sqlite3.h>

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.hpp"
#include "sim/results/load_chunk.hpp"
#include "sim/results/store.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using Tokens = std::vector<std::uint32_t>;

/// Row i of a stream of `width` numbers: its step, layer and tokens are all different.
Tokens tokens_of(std::int64_t i, std::size_t width) {
  Tokens tokens(width);
  std::iota(tokens.begin(), tokens.end(), static_cast<std::uint32_t>(1000 * i));
  return tokens;
}

void write_rows(RecordSink& sink, std::string_view stream, std::int64_t count, std::size_t width) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Tokens tokens = tokens_of(i, width);
    sink.add(stream, {i / 2, static_cast<std::int16_t>(i % 2), tokens});
  }
}

TEST(LoadRows, ReadBackToTheSameBits) {
  LoadRows rows;
  for (std::int64_t i = 0; i < 50; ++i) {
    const Tokens tokens = tokens_of(i, 7);
    rows.add("expert_load", {1'000'000'000'000 + i, static_cast<std::int16_t>(i), tokens});
  }
  const std::string data = rows.encode();
  EXPECT_EQ(data.size(), 50 * (8 + 2 + 7 * 4));
  const LoadRows back = LoadRows::decode(data, 50);
  EXPECT_EQ(back.width(), 7u);
  EXPECT_EQ(back.encode(), data);
  EXPECT_EQ(back[49].step, 1'000'000'000'049);
  EXPECT_EQ(back[49].layer, 49);
  EXPECT_EQ(back[49].tokens[6], 49'006u);
}

TEST(LoadRows, RefusesRowsOfAnotherWidth) {
  LoadRows rows;
  const Tokens four(4);
  const Tokens five(5);
  rows.add("s", {0, 0, four});
  EXPECT_THROW(rows.add("s", {0, 0, five}), RunError);
  EXPECT_THROW(rows.add("s", {0, 0, {}}), RunError);
  EXPECT_EQ(rows.size(), 1u);
}

// 2 rows of width 3 take 2 x (8 + 2 + 12) = 44 bytes; no width takes 45, and 2 x 10 bytes hold no token.
TEST(LoadRows, RefusesSizesThatAreNoRows) {
  EXPECT_EQ(load_width(44, 2), 3u);
  EXPECT_THROW(load_width(45, 2), RunError);
  EXPECT_THROW(load_width(20, 2), RunError);
  EXPECT_THROW(load_width(0, 0), RunError);
  EXPECT_THROW(LoadRows::decode(std::string(43, 'x'), 2), RunError);
}

// 4 MiB / (10 + 4 x 256) bytes = 4056 rows; a row longer than that is a chunk of its own.
TEST(LoadRows, ChunksAreLimitedByBytes) {
  EXPECT_EQ(load_rows_per_chunk(256), 4056u);
  EXPECT_EQ(load_rows_per_chunk(1), kChunkRecords);
  EXPECT_EQ(load_rows_per_chunk(2U << 20U), 1u);
}

TEST(LoadStore, KeepsStreamsOfSeveralWidths) {
  const test::OwnFile file("loads.moesim");
  const auto count = static_cast<std::int64_t>(2 * load_rows_per_chunk(256) + 10);
  {
    StoreWriter writer(file.path());
    write_rows(writer, "expert_load", count, 256);
    write_rows(writer, "node_load", 5, 2);
    writer.add(Span{});
    writer.commit();
  }
  const StoreReader reader(file.path());
  const std::vector<LoadStream> streams = reader.load_streams();
  ASSERT_EQ(streams.size(), 2u);
  EXPECT_EQ(streams[0].name, "expert_load");
  EXPECT_EQ(streams[0].width, 256u);
  EXPECT_EQ(streams[1].width, 2u);
  std::int64_t i = 0;
  reader.for_each_load("expert_load", 0, count, [&](const LoadRow& row) {
    EXPECT_EQ(row.step, i / 2);
    EXPECT_EQ(row.layer, i % 2);
    EXPECT_EQ(Tokens(row.tokens.begin(), row.tokens.end()), tokens_of(i, 256));
    ++i;
  });
  EXPECT_EQ(i, count);
  std::size_t spans = 0;
  reader.for_each_chunk(-1, 1, [&](const std::vector<Span>& chunk) { spans += chunk.size(); });
  EXPECT_EQ(spans, 1u);
}

TEST(LoadStore, ReadsAWindowOfSteps) {
  const test::OwnFile file("window.moesim");
  {
    StoreWriter writer(file.path());
    write_rows(writer, "gpu_load", 20'000, 256);
    writer.commit();
  }
  const StoreReader reader(file.path());
  std::vector<std::int64_t> steps;
  reader.for_each_load("gpu_load", 4056, 4057, [&](const LoadRow& row) { steps.push_back(row.step); });
  EXPECT_EQ(steps, (std::vector<std::int64_t>{4056, 4056, 4057, 4057}));
  reader.for_each_load("absent", 0, 10, [&](const LoadRow&) { ADD_FAILURE(); });
}

TEST(LoadStore, PartsOfASeriesFollowEachOther) {
  const test::OwnFile file("series.moesim");
  {
    StoreWriter writer(file.path());
    writer.add(Series{"a", "B", {0, 1}, {0, -5.5}});  // 0.0 is eight NUL bytes
    writer.add(Series{"b", "", {7}, {8}});
    writer.add(Series{"a", "B", {2}, {0.1}});
    writer.commit();
  }
  const std::vector<Series> all = StoreReader(file.path()).series();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].time_s, (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(all[0].value, (std::vector<double>{0, -5.5, 0.1}));
  EXPECT_EQ(all[1].value, std::vector<double>{8});
}

// A chunk that lost its end, as a damaged file may have.
TEST(LoadStore, RefusesATruncatedChunk) {
  const test::OwnFile file("truncated.moesim");
  {
    StoreWriter writer(file.path());
    write_rows(writer, "expert_load", 6, 3);
    writer.commit();
  }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "UPDATE chunk SET data = substr(data, 1, length(data) - 5)", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  const StoreReader reader(file.path());
  EXPECT_THROW(reader.load_streams(), RunError);
  EXPECT_THROW(reader.for_each_load("expert_load", 0, 9, [](const LoadRow&) {}), RunError);
}

}  // namespace
}  // namespace moesim
