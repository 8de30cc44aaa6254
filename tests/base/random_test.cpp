#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/math.hpp"

namespace moesim {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of the Random123 distribution, file kat_vectors, philox4x32 10.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, IsAFunctionOfSeedStreamAndIndex) {
  RandomStream a(1, 2, 3);
  RandomStream b(1, 2, 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next_u32(), b.next_u32());
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed : {0, 1}) {
    for (std::uint64_t stream : {0, 1}) {
      for (std::uint64_t index : {0, 1, 2}) firsts.insert(RandomStream(seed, stream, index).next_u64());
    }
  }
  EXPECT_EQ(firsts.size(), 12U);
  EXPECT_EQ(normal_at(1, 2, 3), RandomStream(1, 2, 3).normal());
  EXPECT_EQ(uniform_at(StreamKey(1, 2), 3), RandomStream(1, 2, 3).uniform());
  EXPECT_NE(stream_of("gate"), stream_of("jitter"));
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

template <class Draw>
Moments moments_of(const Draw& draw) {
  std::vector<double> values(200000);
  RandomStream stream(7, stream_of("moments"));
  for (double& value : values) value = draw(stream);
  const double average = mean(values);
  for (double& value : values) value = (value - average) * (value - average);
  return {average, mean(values)};
}

// With 200,000 draws the standard error of a mean is sigma / 447; the bounds are five of them or more.
TEST(RandomStream, HasTheMomentsOfItsDistributions) {
  const Moments uniform = moments_of([](RandomStream& s) { return s.uniform(); });
  EXPECT_NEAR(uniform.mean, 0.5, 0.004);
  EXPECT_NEAR(uniform.variance, 1.0 / 12, 0.001);
  const Moments normal = moments_of([](RandomStream& s) { return s.normal(); });
  EXPECT_NEAR(normal.mean, 0, 0.012);
  EXPECT_NEAR(normal.variance, 1, 0.016);
}

TEST(RandomStream, StaysWithinItsRanges) {
  RandomStream stream(3, 1);
  for (int i = 0; i < 10000; ++i) {
    const double u = stream.uniform();
    EXPECT_TRUE(u >= 0 && u < 1);
    const double open = stream.uniform_open();
    EXPECT_TRUE(open > 0 && open < 1);
    EXPECT_LT(stream.below(7), 7U);
    EXPECT_EQ(stream.below(1), 0U);
  }
}

TEST(RandomStream, BelowIsEven) {
  std::array<int, 7> counts{};
  RandomStream stream(5, 5);
  for (int i = 0; i < 70000; ++i) ++counts[stream.below(7)];
  for (int count : counts) EXPECT_NEAR(count, 10000, 500);  // sigma = 93
}

}  // namespace
}  // namespace moesim
