#include "sim/results/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/error.hpp"
#include "base/sqlite/database.hpp"
#include "sim/results/memory_sink.hpp"
#include "sim/results/span_chunk.hpp"
#include "sim/results/span_names.hpp"

namespace moesim {
namespace {

namespace fs = std::filesystem;

class Store : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        fs::temp_directory_path() / (std::string("moesim_store_") + info->name() + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path file() const { return folder_ / "records.moesim"; }
  [[nodiscard]] std::size_t num_files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  fs::path folder_;
};

Span at(double start, double end) {
  Span span;
  span.start_s = start;
  span.end_s = end;
  return span;
}

TEST_F(Store, KeepsSpansSeriesAndMeta) {
  const std::size_t count = kChunkRecords + 10;
  {
    StoreWriter writer(file());
    for (std::size_t i = 0; i < count; ++i) {
      writer.add(at(static_cast<double>(i), static_cast<double>(i) + 0.5));
    }
    writer.add(Series{"memory", "B", {0, 1}, {5, 6}});
    writer.add(Histogram{"ttft_s", "s", {0.1, 0.2, 0.5}, {0, 3, 1}});
    writer.set_meta("kind", "training");
    writer.commit();
  }
  const StoreReader reader(file());
  EXPECT_EQ(reader.meta("kind"), "training");
  ASSERT_EQ(reader.histograms().size(), 1u);
  EXPECT_EQ(reader.histograms()[0].name, "ttft_s");
  EXPECT_EQ(reader.histograms()[0].unit, "s");
  EXPECT_EQ(reader.histograms()[0].edge, (std::vector<double>{0.1, 0.2, 0.5}));
  EXPECT_EQ(reader.histograms()[0].weight, (std::vector<double>{0, 3, 1}));
  EXPECT_EQ(reader.meta("absent"), "");
  ASSERT_EQ(reader.series().size(), 1u);
  EXPECT_EQ(reader.series()[0].value, (std::vector<double>{5, 6}));
  std::size_t seen = 0;
  reader.for_each_chunk(0, 1e9, [&](const std::vector<Span>& spans) { seen += spans.size(); });
  EXPECT_EQ(seen, count);
  seen = 0;
  reader.for_each_chunk(static_cast<double>(kChunkRecords) + 1, 1e9,
                        [&](const auto& spans) { seen += spans.size(); });
  EXPECT_EQ(seen, 10u);
  MemorySink all;
  reader.for_each_span(all);
  EXPECT_EQ(all.spans().size(), count);
}

TEST_F(Store, AFileWithoutHistogramsHasNone) {
  {
    StoreWriter writer(file());
    writer.commit();
  }
  sqlite::Database(file(), sqlite::Database::Mode::update).execute("DROP TABLE histogram;");
  EXPECT_TRUE(StoreReader(file()).histograms().empty());
}

TEST_F(Store, KeepsTheNamesOfSpans) {
  const SpanNames names{{"attention_forward", "mlp \"x\""}, {"computation"}, {}};
  {
    StoreWriter writer(file());
    write_span_names(names, writer);
    writer.commit();
  }
  const SpanNames back = read_span_names(StoreReader(file()));
  EXPECT_EQ(back.phases, names.phases);
  EXPECT_EQ(back.lanes, names.lanes);
  EXPECT_EQ(back.passes, names.passes);
  EXPECT_EQ(name_or_index(back.phases, 0, "phase"), "attention_forward");
  EXPECT_EQ(name_or_index(back.phases, 2, "phase"), "phase 2");
}

TEST_F(Store, NamesThatAreNoTexts) {
  {
    StoreWriter writer(file());
    writer.set_meta("lanes", "[1, 2]");
    writer.commit();
  }
  EXPECT_THROW(read_span_names(StoreReader(file())), RunError);
}

TEST_F(Store, NothingRemainsWithoutCommit) {
  {
    StoreWriter writer(file());
    writer.add(at(0, 1));
  }
  EXPECT_EQ(num_files(), 0u);
}

TEST_F(Store, AFolderThatIsNotThere) {
  EXPECT_THROW(StoreWriter(folder_ / "no" / "x.moesim"), OutputError);
}

TEST_F(Store, RefusesForeignFiles) {
  std::ofstream(file())
      << "this is no database, but long enough to be looked at as if it were one ............";
  EXPECT_THROW(StoreReader{file()}, RunError);
  EXPECT_THROW(StoreReader{folder_ / "absent"}, RunError);
}

}  // namespace
}  // namespace moesim
