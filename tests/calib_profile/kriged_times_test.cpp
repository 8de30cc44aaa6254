#include "calib/profile/kriged_times.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace moesim {
namespace {

MappedShape at(double x, double y, double flops) {
  MappedShape out;
  out.place = {x, y};
  out.flops = flops;
  out.bytes = 1;
  out.along = y;
  out.curve = {x};
  return out;
}

TimeEstimate timed(double seconds, Provenance provenance = Provenance::published) {
  return {seconds, provenance, "table", seconds, 1.5 * seconds};
}

/// Times of 1 ms x 2^y with a ripple that depends on x.
KrigedTimes ripples(double ripple) {
  KrigedTimes out;
  for (int x = 0; x < 4; ++x) {
    for (int y = 0; y < 6; ++y)
      out.add(at(x, y, 1e9 * std::exp2(y)), timed(1e-3 * std::exp2(y) * (1 + ripple * (x % 2))));
  }
  return out;
}

TEST(KrigedTimes, APointIsItself) {
  const auto out = ripples(0.2).estimate(at(1, 3, 8e9));
  EXPECT_DOUBLE_EQ(out.seconds, 9.6e-3);
  EXPECT_EQ(out.grade, Grade::exact);
  EXPECT_EQ(out.provenance, Provenance::published);
}

// One utilisation everywhere: what is asked takes it, however far; the start of 10 us is 1 % of 1 ms.
TEST(KrigedTimes, OneUtilisationIsKept) {
  const auto times = ripples(0);
  for (const double y : {0.5, 2.2, 9.0})
    EXPECT_NEAR(times.estimate(at(1, y, 1e9 * std::exp2(y))).seconds / (1e-3 * std::exp2(y)), 1, 0.01) << y;
}

TEST(KrigedTimes, StaysBetweenItsNeighbours) {
  const auto times = ripples(0.2);
  const double middle = times.estimate(at(1.5, 3, 8e9)).seconds;
  EXPECT_GT(middle, 8e-3);
  EXPECT_LT(middle, 9.6e-3);
  EXPECT_NEAR(middle, 8.8e-3, 0.2e-3);
}

// Utilisation that rises towards the end of a curve is not carried on: 1.6 of the first at most.
TEST(KrigedTimes, CarriesNoTrendBeyondItsPoints) {
  KrigedTimes times;
  for (int y = 0; y < 4; ++y) times.add(at(0, 0.3 * y, 1e12), timed(1.0 / (1 + 0.2 * y)));
  for (const double y : {1.0, 1.2, 1.5, 3.0}) {
    EXPECT_GE(times.estimate(at(0, y, 1e12)).seconds, 1 / 1.6 - 1e-9) << y;
    EXPECT_LE(times.estimate(at(0, y, 1e12)).seconds, 1.0) << y;
  }
  EXPECT_DOUBLE_EQ(times.longest(), 0.3 * 3);
}

TEST(KrigedTimes, GradesWhatIsBeyond) {
  const auto times = ripples(0.2);
  EXPECT_EQ(times.estimate(at(1, 2.5, 6e9)).grade, Grade::interpolated);
  EXPECT_EQ(times.estimate(at(1, 7, 128e9)).grade, Grade::held);
  EXPECT_EQ(times.estimate(at(1.5, 3, 8e9)).grade, Grade::carried);
  EXPECT_EQ(times.estimate(at(1, 2.5, 6e9)).provenance, Provenance::published);
  EXPECT_EQ(times.estimate(at(1, 7, 128e9)).provenance, Provenance::derived);
  EXPECT_NEAR(times.estimate(at(1, 2.5, 6e9)).p90 / times.estimate(at(1, 2.5, 6e9)).seconds, 1.5, 1e-12);
}

// A measured point two lengths away and a published one as far on the other side: the measured one weighs
// more.
TEST(KrigedTimes, TheBestProvenanceCountsMore) {
  KrigedTimes times;
  times.add(at(0, 0, 1e9), timed(1e-3, Provenance::measured));
  times.add(at(0, 2, 1e9), timed(2e-3, Provenance::published));
  const double middle = times.estimate(at(0, 1, 1e9)).seconds;
  EXPECT_LT(middle, std::sqrt(2) * 1e-3);
  EXPECT_GT(middle, 1e-3);
}

}  // namespace
}  // namespace moesim
