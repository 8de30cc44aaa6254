// The references that the elementwise kernels are held against.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "calib/kernels/elementwise/reference.hpp"

namespace moesim {
namespace {

TEST(SwigluReference, IsTheGateTimesItsSigmoidTimesUp) {
  // silu(0) = 0; silu(ln 3) = ln 3 * 3 / 4.
  const std::vector<double> out = swiglu_reference(std::vector<double>{0, std::log(3.0), 5, 2});
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0], 0);
  EXPECT_NEAR(out[1], std::log(3.0) * 0.75 * 2, 1e-15);
}

TEST(RmsNormReference, HasTheWeightsAsItsSquares) {
  const std::vector<double> out = rms_norm_reference(std::vector<double>{3, -3}, std::vector<double>{2, 1});
  EXPECT_NEAR(out[0], 2, 1e-6);  // 3 / sqrt(9 + 1e-6)
  EXPECT_NEAR(out[1], -1, 1e-6);
}

TEST(RopeReference, TurnsPairsAndKeepsTheirLength) {
  std::vector<double> row(2 * kRotaryDims, 0.0);
  row[0] = 1;                // the first pair turns by the position itself
  row[kRotaryDims + 2] = 2;  // the second pair of the second head by 10000^(-2 / 64) of it
  const std::vector<double> out = rope_reference(row, 3);
  EXPECT_NEAR(out[0], std::cos(3), 1e-15);
  EXPECT_NEAR(out[1], std::sin(3), 1e-15);
  const double angle = 3 * std::pow(10000, -2.0 / 64);
  EXPECT_NEAR(out[kRotaryDims + 2], 2 * std::cos(angle), 1e-14);
  EXPECT_NEAR(out[kRotaryDims + 3], 2 * std::sin(angle), 1e-14);
  EXPECT_EQ(rope_reference(row, 0), row);
}

TEST(RotaryPair, NeighboursOfAHeadShareOne) {
  EXPECT_EQ(rotary_pair(0), 0);
  EXPECT_EQ(rotary_pair(1), 0);
  EXPECT_EQ(rotary_pair(63), 31);
  EXPECT_EQ(rotary_pair(64), 0);
}

TEST(QuantizedScale, PutsTheLargestNumberAt448) {
  EXPECT_EQ(quantized_scale(std::vector<double>{-896, 3}), 2);
  EXPECT_EQ(quantized_scale(std::vector<double>{0, 0}), 1);
}

}  // namespace
}  // namespace moesim
