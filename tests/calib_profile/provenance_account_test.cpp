#include "calib/profile/provenance_account.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"

namespace moesim {
namespace {

TEST(ProvenanceAccount, SharesTime) {
  ProvenanceAccount account;
  account.add(1, Provenance::measured);
  account.add(2, Provenance::published);
  account.add(2, Provenance::derived);
  account.add(3, Provenance::derived);
  account.add(0.5, Provenance::assumed);
  account.add(1.5, Provenance::fitted);
  EXPECT_DOUBLE_EQ(account.total_seconds(), 10);
  const ProvenanceFractions shares = account.fractions();
  EXPECT_DOUBLE_EQ(shares.measured, 0.1);
  EXPECT_DOUBLE_EQ(shares.published, 0.2);
  EXPECT_DOUBLE_EQ(shares.derived, 0.5);
  EXPECT_DOUBLE_EQ(shares.assumed, 0.2);
}

TEST(ProvenanceAccount, OfNothingIsZero) {
  const ProvenanceFractions shares = ProvenanceAccount().fractions();
  EXPECT_EQ(shares.measured + shares.published + shares.derived + shares.assumed, 0);
}

TEST(ProvenanceAccount, RefusesWhatIsNoTime) {
  ProvenanceAccount account;
  for (const double seconds :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(account.add(seconds, Provenance::measured), RunError);
  }
}

}  // namespace
}  // namespace moesim
