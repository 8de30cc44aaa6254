#include "base/units.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace moesim {
namespace {

using namespace literals;

TEST(Units, ReadNumbersWithTheirUnit) {
  EXPECT_EQ(parse<BytesPerSecond>("450 GB/s"), 450_GBps);
  EXPECT_EQ(parse<BytesPerSecond>("400 Gb/s"), 50_GBps);
  EXPECT_EQ(parse<Bytes>("80 GiB"), 80_GiB);
  EXPECT_EQ(parse<Bytes>("80GB"), 80_GB);
  EXPECT_EQ(parse<Bytes>("8 kb"), 1000_B);
  EXPECT_EQ(parse<Seconds>("5 us"), 5_us);
  EXPECT_EQ(parse<Seconds>(" +2.5e1 min "), 1500_s);
  EXPECT_EQ(parse<FlopsPerSecond>("989 TFLOP/s"), 989_TFLOPs);
  EXPECT_EQ(parse<DollarsPerSecond>("7200 $/h"), DollarsPerSecond(2));
  EXPECT_EQ(parse<Joules>("2 kWh"), 2_kWh);
  EXPECT_EQ(parse<Hertz>("1755 MHz"), 1755_MHz);
  EXPECT_EQ(parse<Seconds>("0"), 0_s);
}

TEST(Units, KeepBitsBytesAndPrefixesApart) {
  EXPECT_EQ(parse<Bytes>("1 MiB") / parse<Bytes>("1 MB"), 1.048576);
  EXPECT_EQ(parse<Bytes>("1 GB") / parse<Bytes>("1 Gb"), 8.0);
}

class RefusedUnit : public ::testing::TestWithParam<const char*> {};

TEST_P(RefusedUnit, NamesAnExample) {
  try {
    (void)parse<BytesPerSecond>(GetParam());
    FAIL() << "accepted " << GetParam();
  } catch (const UnitError& error) {
    EXPECT_NE(error.hint.find("450 GB/s"), std::string::npos);
  }
  EXPECT_FALSE(std::regex_search(GetParam(), std::regex(quantity_pattern(Dimension::kByteRate))));
}

INSTANTIATE_TEST_SUITE_P(Units, RefusedUnit,
                         ::testing::Values("", " ", "450", "GB/s", "450 GB", "450 gB/s", "450 GB /s",
                                           "450 Gbps", "4,5 GB/s", "0x10 GB/s", "nan GB/s", "inf GB/s",
                                           "+-1 GB/s", "1 mB/s", "1 GB/s x", "--1 GB/s", "- 1 GB/s"));

TEST(Units, RefuseWhatNoDoubleHolds) {
  EXPECT_THROW((void)parse<Bytes>("1e999 B"), UnitError);
  EXPECT_THROW((void)parse<Bytes>("9.9e299 EB"), UnitError);
}

TEST(Units, WriteTheShortestTextThatReadsBack) {
  EXPECT_EQ(to_text(5_us), "5 us");
  EXPECT_EQ(to_text(80_GiB), "80 GiB");
  EXPECT_EQ(to_text(80_GB), "80 GB");
  EXPECT_EQ(to_text(450_GBps), "450 GB/s");
  EXPECT_EQ(to_text(400_Gbps), "50 GB/s");
  EXPECT_EQ(to_text(989_TFLOPs), "989 TFLOP/s");
  EXPECT_EQ(to_text(2_usd_per_h), "2 $/h");
  EXPECT_EQ(to_text(0_B), "0 B");
  EXPECT_EQ(to_text(-3_ms), "-3 ms");
}

class EveryDimension : public ::testing::TestWithParam<int> {};

TEST_P(EveryDimension, RoundTripsAndMatchesItsPattern) {
  const auto dimension = static_cast<Dimension>(GetParam());
  const std::regex pattern(quantity_pattern(dimension));
  EXPECT_TRUE(std::regex_match(std::string(dimension_row(dimension).example), pattern));
  EXPECT_GT(parse_quantity(dimension_row(dimension).example, dimension), 0);
  double value = 1e-15;
  for (int i = 0; i < 200; ++i, value *= 1.7320508075688772) {
    const std::string text = quantity_text(value, dimension);
    EXPECT_EQ(parse_quantity(text, dimension), value) << text;
    EXPECT_TRUE(std::regex_match(text, pattern)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Units, EveryDimension, ::testing::Range(0, 10));

TEST(Units, RoundTripTheSmallestAndLargest) {
  for (double value : {5e-324, 1e-308, 1.7976931348623157e308, 1.0 / 3.0, 0.1}) {
    EXPECT_EQ(parse<Seconds>(to_text(Seconds(value))).value(), value);
  }
}

}  // namespace
}  // namespace moesim
