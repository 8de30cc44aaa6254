#include "workloads/recorded_routing/expert_ids.hpp"

#include <stdexcept>
#include <vector>

#include "tests/workloads_recorded_routing/recordings.hpp"

namespace moesim {
namespace {

using namespace test;

constexpr ExpertIdsShape kShape{2, 4, 64, false};

void write_ids(const OwnFile& file, const ExpertIdsShape& shape, const std::vector<std::uint16_t>& ids) {
  const auto width = static_cast<std::size_t>(shape.num_layers) * static_cast<std::size_t>(shape.top_k);
  ExpertIdsWriter writer(file.path(), shape, static_cast<std::int64_t>(ids.size() / width));
  writer.add(std::span(ids).first(width));
  writer.add(std::span(ids).subspan(width));
  writer.commit();
}

class ExpertIdsFile : public testing::TestWithParam<const char*> {};

TEST_P(ExpertIdsFile, IsReadBackInBlocksOfAnySize) {
  const OwnFile file(GetParam());
  const auto ids = some_ids(1000, 2, 4);
  write_ids(file, kShape, ids);
  for (const std::size_t tokens : {1U, 7U, 1000U, 5000U}) {
    ExpertIdsReader reader(file.path(), kShape);
    EXPECT_EQ(reader.num_tokens(), 1000);
    EXPECT_EQ(read_all(reader, tokens), ids);
    EXPECT_EQ(reader.position(), 1000);
  }
}

TEST_P(ExpertIdsFile, GoesOnWhereItIsSought) {
  const OwnFile file(GetParam());
  const auto ids = some_ids(10, 2, 4);
  write_ids(file, kShape, ids);
  ExpertIdsReader reader(file.path(), kShape);
  EXPECT_EQ(read_all(reader, 3), ids);
  reader.seek(9);
  EXPECT_EQ(read_all(reader, 3), std::vector<std::uint16_t>(ids.end() - 8, ids.end()));
  reader.seek(0);
  EXPECT_EQ(read_all(reader, 3), ids);
  EXPECT_THROW(reader.seek(11), std::invalid_argument);
  EXPECT_THROW(reader.seek(-1), std::invalid_argument);
}

TEST_P(ExpertIdsFile, LargerThanABlockIsReadWhole) {
  const OwnFile file(GetParam());
  const auto ids = some_ids(200000, 2, 4);  // 3.2 MB
  write_ids(file, kShape, ids);
  ExpertIdsReader reader(file.path(), kShape);
  EXPECT_EQ(read_all(reader, 200000), ids);
}

TEST_P(ExpertIdsFile, CutOffNamesItsEnd) {
  const OwnFile file(GetParam());
  write_ids(file, kShape, some_ids(10, 2, 4));
  const std::string text = read_text(file);
  write_text(file, text.substr(0, text.size() - 3));  // of 16 bytes a token
  expect_fault(file, "byte " + std::to_string(text.size() - 3), "the file ends inside token 9",
               [&] { ExpertIdsReader(file.path(), kShape); });
}

TEST_P(ExpertIdsFile, IdsOutOfRangeNameTheirByte) {
  const OwnFile file(GetParam());
  auto ids = some_ids(10, 2, 4);
  ids[3 * 8 + 4 + 2] = 64;
  write_ids(file, kShape, ids);
  const std::size_t begin = read_text(file).size() - 160;
  ExpertIdsReader reader(file.path(), kShape);
  const std::string byte = "byte " + std::to_string(begin + 2 * (3 * 8 + 4 + 2));
  expect_fault(file, byte, "expert 64 at token 3, layer 1, choice 2 is outside 0 to 63",
               [&] { read_all(reader, 10); });
}

TEST_P(ExpertIdsFile, AnExpertTwiceInAChoiceIsRefused) {
  const OwnFile file(GetParam());
  auto ids = some_ids(10, 2, 4);
  ids[8 + 3] = ids[8 + 1];
  write_ids(file, kShape, ids);
  const std::size_t begin = read_text(file).size() - 160;
  ExpertIdsReader reader(file.path(), kShape);
  expect_fault(file, "byte " + std::to_string(begin + 2 * 11), "a second time at token 1, layer 0, choice 3",
               [&] { read_all(reader, 10); });
}

TEST_P(ExpertIdsFile, UnusedChoicesNeedLeave) {
  const OwnFile file(GetParam());
  auto ids = some_ids(3, 2, 4);
  ids[5] = ids[6] = kUnusedChoice;
  write_ids(file, kShape, ids);
  ExpertIdsReader strict(file.path(), kShape);
  EXPECT_THROW(read_all(strict, 3), SpecError);
  ExpertIdsShape shape = kShape;
  shape.unused_choices = true;
  ExpertIdsReader reader(file.path(), shape);
  EXPECT_EQ(read_all(reader, 2), ids);
}

INSTANTIATE_TEST_SUITE_P(Formats, ExpertIdsFile, testing::Values("ids.npy", "ids.u16"),
                         [](const auto& info) { return std::string(info.index == 0 ? "npy" : "raw"); });

TEST(ExpertIdsTest, RawFilesNeedTheirShape) {
  const OwnFile file("shape.u16");
  write_ids(file, kShape, some_ids(3, 2, 4));
  expect_fault(file, "byte 0", "neither layers nor choices", [&] {
    ExpertIdsReader(file.path(), {2, 0, 64});
  });
  expect_fault(file, "byte 48", "the file ends inside token 2, of 20 bytes a token", [&] {
    ExpertIdsReader(file.path(), {2, 5, 64});
  });
  write_text(file, "");
  expect_fault(file, "byte 0", "empty", [&] { ExpertIdsReader(file.path(), kShape); });
}

TEST(ExpertIdsTest, AreCountedByLayer) {
  // Two tokens, two layers, top-2: layer 5 gets experts 0, 1 and 1, 2; layer 6 gets 2, 0 and 0, 1.
  const OwnFile file("count.u16");
  write_ids(file, {2, 2, 3}, {0, 1, 2, 0, 1, 2, 0, 1});
  ExpertIdsReader reader(file.path(), {2, 2, 3});
  const ExpertCounts expected{"", 3, {5, 6}, {0}, {1, 2, 1, 2, 1, 1}};
  EXPECT_EQ(count_experts(reader, 3, 5), expected);
}

TEST(ExpertIdsTest, AWriterTakesWhatWasAnnounced) {
  const OwnFile file("announced.npy");
  ExpertIdsWriter writer(file.path(), kShape, 2);
  const auto ids = some_ids(3, 2, 4);
  EXPECT_THROW(writer.add(ids), std::invalid_argument);
  writer.add(std::span(ids).first(8));
  EXPECT_THROW(writer.commit(), std::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(file.path()));
  writer.add(std::span(ids).first(8));
  writer.commit();
  EXPECT_TRUE(std::filesystem::exists(file.path()));
}

}  // namespace
}  // namespace moesim
