#include "calib/kernels/machine/tile_map.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace moesim {
namespace {

TEST(TileMap, EveryVectorIsMovedByOneThreadOnce) {
  for (const std::size_t count : {std::size_t{1}, kTileVectors - 1, kTileVectors, 3 * kTileVectors + 7}) {
    std::vector<int> moved(count, 0);
    for (std::size_t tile = 0; tile < num_tiles(count); ++tile)
      for (unsigned thread = 0; thread < kTileThreads; ++thread)
        for (int step = 0; step < kTileSteps; ++step)
          if (const std::size_t i = tile_vector(tile, thread, step); i < count) ++moved[i];
    EXPECT_EQ(moved, std::vector<int>(count, 1));
  }
}

TEST(TileMap, NeighbouringThreadsMoveNeighbours) {
  EXPECT_EQ(tile_vector(2, 6, 1), tile_vector(2, 5, 1) + 1);
  EXPECT_EQ(tile_vector(2, 5, 1), tile_vector(2, 5, 0) + kTileThreads);
}

TEST(TileMap, EveryPassReadsTheWholeBufferFromOtherBlocks) {
  for (const std::size_t tiles : {std::size_t{1}, std::size_t{128}, std::size_t{2048}}) {
    for (int pass = 0; pass < 16; ++pass) {
      std::set<std::size_t> read;
      for (std::size_t block = 0; block < tiles; ++block) read.insert(pass_tile(block, pass, tiles));
      EXPECT_EQ(read.size(), tiles);
    }
    if (tiles > 3) {
      EXPECT_NE(pass_tile(0, 0, tiles), pass_tile(0, 1, tiles));
    }
  }
}

TEST(PatternWord, DiffersByPlaceAndSeed) {
  std::set<std::uint32_t> words;
  for (std::size_t place = 0; place < 10000; ++place) words.insert(pattern_word(place, 1));
  EXPECT_GT(words.size(), 9990U);
  EXPECT_NE(pattern_word(5, 1), pattern_word(5, 2));
  EXPECT_NE(pattern_word(5, 1), pattern_word(5 + (std::size_t{1} << 32U), 1));
}

}  // namespace
}  // namespace moesim
