#include "reports/pictures/ticks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace moesim::pictures {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> all;
  for (const Tick& tick : ticks) all.push_back(tick.label);
  return all;
}

TEST(LinearTicks, Are_round) {
  EXPECT_THAT(labels(linear_ticks(0, 1999, 6)), ElementsAre("0", "500", "1,000", "1,500"));
  EXPECT_THAT(labels(linear_ticks(0, 10, 6)), ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(labels(linear_ticks(0, 0.37, 5)), ElementsAre("0.0", "0.1", "0.2", "0.3"));
  EXPECT_THAT(labels(linear_ticks(0, 0.3, 4)), ElementsAre("0.0", "0.1", "0.2", "0.3"));
  EXPECT_THAT(labels(linear_ticks(-1, 1, 3)), ElementsAre("-1", "0", "1"));
  EXPECT_THAT(labels(linear_ticks(14'800'000, 15'200'000, 3)),
              ElementsAre("14,800,000", "15,000,000", "15,200,000"));
}

TEST(LinearTicks, Whole_numbers_alone) {
  EXPECT_THAT(labels(linear_ticks(0, 3, 20, true)), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(labels(linear_ticks(5, 5, 4, true)), ElementsAre("5"));
}

TEST(LinearTicks, Never_too_many_and_in_range) {
  for (double low : {0.0, 0.1, 3.7, 1e6}) {
    for (double span : {1e-6, 0.013, 0.9, 17.0, 255.0, 1e5}) {
      for (int most : {1, 2, 5, 12}) {
        const std::vector<Tick> ticks = linear_ticks(low, low + span, most);
        EXPECT_LE(ticks.size(), static_cast<std::size_t>(most)) << low << ' ' << span;
        EXPECT_GE(ticks.size(), most >= 5 ? 2U : 0U) << low << ' ' << span;
        for (const Tick& tick : ticks) {
          EXPECT_GE(tick.at, low - 1e-8 * span - 1e-9 * low);
          EXPECT_LE(tick.at, low + span + 1e-8 * span + 1e-9 * low);
          EXPECT_NEAR(std::stod([&] {
                        std::string text = tick.label;
                        std::erase(text, ',');
                        return text;
                      }()),
                      tick.at, 1e-9 * (1 + low));
        }
      }
    }
  }
}

TEST(LogTicks, One_two_five) {
  EXPECT_THAT(labels(log_ticks(0.125, 8, 6)), ElementsAre("0.2", "0.5", "1", "2", "5"));
  EXPECT_THAT(labels(log_ticks(0.01, 1000, 6)), ElementsAre("0.01", "0.1", "1", "10", "100", "1,000"));
  EXPECT_THAT(labels(log_ticks(0.01, 1000, 3)), ElementsAre("0.01", "1", "100"));
  EXPECT_THAT(labels(log_ticks(3, 4, 5)), IsEmpty());
  EXPECT_THAT(labels(log_ticks(2, 2, 5)), ElementsAre("2"));
}

TEST(Grouped, By_three_digits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(-100), "-100");
}

}  // namespace
}  // namespace moesim::pictures
