#include "calib/kernels/mla_decode/split_schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "tests/calib_kernels/num_pieces.hpp"

namespace moesim {
namespace {

std::vector<int> random_lengths(RandomStream& random, int batch, int longest) {
  std::vector<int> lengths;
  for (int i = 0; i < batch; ++i)
    lengths.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(longest) + 1)));
  return lengths;
}

/// Walks every part and checks that each tile is visited once, in order, that whole sequences have no slot
/// and that pieces have one each.
void expect_covers(const std::vector<int>& lengths, const SplitSchedule& schedule) {
  std::map<int, int> next_tile;
  std::set<int> slots;
  for (const DecodePart& part : schedule.parts) {
    TileCursor cursor(part, lengths.data());
    EXPECT_FALSE(cursor.done());
    for (; !cursor.done(); cursor.next()) {
      EXPECT_EQ(next_tile[cursor.sequence]++, cursor.tile);
      EXPECT_LT(cursor.tile, num_tiles(lengths[static_cast<std::size_t>(cursor.sequence)]));
      if (!cursor.last_of_sequence()) continue;
      const int slot = slot_of(cursor, schedule.first_slot.data());
      EXPECT_EQ(slot < 0, test::num_pieces(schedule, cursor.sequence) == 1);
      if (slot >= 0) {
        EXPECT_TRUE(slots.insert(slot).second);
      }
    }
  }
  for (std::size_t i = 0; i < lengths.size(); ++i)
    EXPECT_EQ(next_tile[static_cast<int>(i)], num_tiles(lengths[i])) << "sequence " << i;
  EXPECT_EQ(static_cast<int>(slots.size()), schedule.num_slots());
  if (!slots.empty()) {
    EXPECT_EQ(*slots.rbegin(), schedule.num_slots() - 1);
  }
  for (const int sequence : schedule.split_sequences) EXPECT_GT(test::num_pieces(schedule, sequence), 1);
}

TEST(SplitSchedule, CoversEveryTileOnceForRandomShapes) {
  for (std::uint64_t i = 0; i < 300; ++i) {
    RandomStream random(1, stream_of("split_schedule_test"), i);
    const auto lengths = random_lengths(random, 1 + static_cast<int>(random.below(70)),
                                        1 + static_cast<int>(random.below(5000)));
    const int num_parts = 1 + static_cast<int>(random.below(150));
    const int rows = 1 + static_cast<int>(random.below(512));
    const SplitSchedule schedule = make_split_schedule(lengths, num_parts, rows);
    SCOPED_TRACE("case " + std::to_string(i));
    EXPECT_LE(static_cast<int>(schedule.parts.size()), num_parts);
    expect_covers(lengths, schedule);
  }
}

TEST(SplitSchedule, EmptySequencesHaveOneTile) {
  const std::vector<int> lengths{0, 1, 64, 65, 0};
  const SplitSchedule schedule = make_split_schedule(lengths, 132, 16);
  expect_covers(lengths, schedule);
  EXPECT_EQ(num_tiles(0), 1);
  EXPECT_EQ(num_tiles(64), 1);
  EXPECT_EQ(num_tiles(65), 2);
}

// 128 sequences of 64 tiles on 132 blocks: cutting saves two tiles of 64 and costs 2 of combining beside the
// traffic of 256 partial results, so every block takes one whole sequence.
TEST(SplitSchedule, WholeSequencesWhereCuttingCostsMoreThanItSaves) {
  const SplitSchedule schedule = make_split_schedule(std::vector<int>(128, 4096), 132, 16);
  EXPECT_EQ(schedule.parts.size(), 128U);
  EXPECT_EQ(schedule.num_slots(), 0);
}

TEST(SplitSchedule, OneLongSequenceIsSpreadOverManyBlocks) {
  const SplitSchedule schedule = make_split_schedule(std::vector<int>{32768}, 66, 128);
  EXPECT_GE(schedule.parts.size(), 20U);
  EXPECT_EQ(schedule.num_slots(), static_cast<int>(schedule.parts.size()));
}

// 150 sequences of 32 tiles on 132 blocks: whole ones take 2 x 33, cut ones 150 x 33 / 132 = 37.5 and
// combining.
TEST(SplitSchedule, CutsWhereWholeSequencesLeaveBlocksIdle) {
  const std::vector<int> lengths(150, 2048);
  const SplitSchedule schedule = make_split_schedule(lengths, 132, 16);
  EXPECT_GT(schedule.num_slots(), 0);
  expect_covers(lengths, schedule);
}

TEST(SplitSchedule, NoSequences) {
  const SplitSchedule schedule = make_split_schedule({}, 132, 16);
  EXPECT_TRUE(schedule.parts.empty());
  EXPECT_EQ(schedule.num_slots(), 0);
}

TEST(DecodeShape, LastQueryTokenSeesAllAndEarlierOnesLess) {
  // Rows of two heads: token 0 sees length - 1 with two query tokens, token 1 sees all.
  EXPECT_EQ(visible_tokens(0, 2, 2, 100, 64), 35);
  EXPECT_EQ(visible_tokens(1, 2, 2, 100, 64), 35);
  EXPECT_EQ(visible_tokens(2, 2, 2, 100, 64), 36);
  EXPECT_EQ(visible_tokens(63, 2, 2, 100, 64), 36);  // a row behind the last sees no more than there is
  EXPECT_EQ(visible_tokens(0, 16, 4, 2, 0), -1);     // shorter than the query tokens: nothing to see
}

}  // namespace
}  // namespace moesim
