#include "reports/pictures/binned_curve.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim::pictures {
namespace {

TEST(BinnedCurve, A_short_curve_is_kept_as_it_is) {
  BinnedCurve curve(3, 100);
  for (int column = 0; column < 3; ++column) {
    curve.add(column, column);
    curve.add(column, column + 1.0);  // another layer
  }
  ASSERT_EQ(curve.bins().size(), 3U);
  EXPECT_EQ(curve.bins()[1].mean(), 1.5);
  EXPECT_EQ(curve.bins()[1].low, 1);
  EXPECT_EQ(curve.bins()[1].high, 2);
  EXPECT_DOUBLE_EQ(curve.middle(0), 1.0 / 6);
  EXPECT_DOUBLE_EQ(curve.middle(2), 5.0 / 6);
}

TEST(BinnedCurve, A_long_curve_keeps_its_peaks) {
  BinnedCurve curve(10'000, 100);
  for (int column = 0; column < 10'000; ++column)
    curve.add(column, column == 4321 ? 50 : column == 4322 ? -1 : 1);
  ASSERT_EQ(curve.bins().size(), 100U);
  for (std::size_t bin = 0; bin < 100; ++bin) {
    EXPECT_EQ(curve.bins()[bin].count, 100);
    EXPECT_EQ(curve.bins()[bin].high, bin == 43 ? 50 : 1);
    EXPECT_EQ(curve.bins()[bin].low, bin == 43 ? -1 : 1);
  }
  EXPECT_DOUBLE_EQ(curve.bins()[43].mean(), (98.0 + 50 - 1) / 100);
}

TEST(BinnedCurve, Refuses_columns_beyond_it) {
  BinnedCurve curve(10, 5);
  EXPECT_THROW(curve.add(10, 1), std::out_of_range);
}

}  // namespace
}  // namespace moesim::pictures
