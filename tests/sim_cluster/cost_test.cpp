#include "sim/cluster/cost.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace moesim {
namespace {

constexpr double kHour = 3600;
constexpr double kYear = 365.25 * 24;  // hours
constexpr double kKwh = 3.6e6;

/// The H800 cluster with a price of those keys.
ClusterSpec priced(const std::string& keys) {
  const std::string text =
      R"({"base": "h800-2048", "price": {"name": "p", "source": "a test", )" + keys + "}}";
  return load_cluster(parse_json(text, "case.json"), "case.json");
}

/// Owned hardware of those keys, with electricity at `kwh` dollars.
ClusterSpec owned(const std::string& keys, double kwh = 0.1) {
  return priced(fmt::format(R"("owned": {{{}}}, "electricity_per_kwh": "{} $")", keys, kwh));
}

TEST(Annuity, IsTheStraightLineWithoutInterest) {
  // 27,000 $ of value lost in 4 years.
  EXPECT_DOUBLE_EQ(annuity(30'000, 3'000, 0, 4), 6'750);
}

TEST(Annuity, ReturnsWhatWasLent) {
  // (1 + 0.08)^-4 = 0.7350298528. Of 30,000 $ the residual of 3,000 $ returns 2,205.0896 $ of today; the
  // rest of 27,794.9104 $ takes 0.08 / (1 - 0.7350298528) = 0.3019208045 of itself a year: 8,391.8617 $.
  EXPECT_NEAR(annuity(30'000, 3'000, 0.08, 4), 8'391.8617, 1e-4);
  // The same as an account: interest is added and the rate taken each year, and the residual is left.
  double owed = 30'000;
  for (int year = 0; year < 4; ++year) owed = owed * 1.08 - annuity(30'000, 3'000, 0.08, 4);
  EXPECT_NEAR(owed, 3'000, 1e-8);
}

TEST(Annuity, GoesToTheStraightLine) {
  for (const double interest : {1e-6, 1e-9, 1e-13, 1e-17, 1e-300})
    EXPECT_NEAR(annuity(30'000, 3'000, interest, 4), 6'750, 0.1 * interest * 1e6 + 1e-6) << interest;
}

TEST(Cost, OfAClusterWithoutPriceIsItsGpuPrice) {
  const CostParts cost = cost_of(load_cluster("h800-2048"), 10 * kHour, 5 * kKwh);
  EXPECT_DOUBLE_EQ(cost.gpu, 20);
  EXPECT_DOUBLE_EQ(cost.total(), 20);  // power is in the rent
}

// DeepSeek's own figures: 180,000 H800-hours per trillion tokens at 2 $ are 0.36 M$; 226.75 nodes of 8 at 2 $
// are 87,072 $ a day.
TEST(Cost, IsThatOfDeepSeekAtTwoDollars) {
  const ClusterSpec cluster =
      load_cluster(parse_json(R"({"base": "h800-2048", "price": "rent-2"})", "case.json"), "case.json");
  EXPECT_NEAR(cost_of(cluster, 180'000 * kHour, 1e15).total(), 360'000, 1e-6);
  EXPECT_NEAR(cost_of(cluster, 226.75 * 8 * 24 * kHour, 1e12).total(), 87'072, 1e-6);
}

// 1.2 $ an hour and 26,280 $ for a term of 26,280 hours are 2.2 $; of ten hours paid eight are used.
TEST(Cost, OfAReservationIsPaidForUnusedHoursToo) {
  const ClusterSpec cluster =
      priced(R"("rented": {"gpu": "1.2 $/h", "upfront": "26280 $", "term": "1095 d", "used_fraction": 0.8})");
  EXPECT_NEAR(cost_of(cluster, 8 * kHour, kKwh).gpu, 22, 1e-9);
  EXPECT_NEAR(cost_of(cluster, 8 * kHour, kKwh).total(), 22, 1e-9);
}

// 1,461 days are 35,064 hours: 35,064 $ of a GPU are 1 $ an hour, 8 times as much of a node of 8 GPUs is
// another, half as much of network half a dollar.
TEST(Cost, OfOwnedHardwareIsWrittenOffByTheHour) {
  const std::string capital =
      R"("gpu": "35064 $", "node": "280512 $", "network": "17532 $", "lifetime": "1461 d")";
  const CostParts whole = cost_of(owned(capital), kHour, 3 * kKwh);
  EXPECT_NEAR(whole.gpu, 1, 1e-12);
  EXPECT_NEAR(whole.node, 1, 1e-12);
  EXPECT_NEAR(whole.network, 0.5, 1e-12);
  EXPECT_NEAR(whole.power, 0.3, 1e-12);
  EXPECT_NEAR(whole.total(), 2.8, 1e-12);
  const CostParts half = cost_of(owned(capital + R"(, "residual_fraction": 0.5)"), kHour, 0);
  EXPECT_NEAR(half.total(), 1.25, 1e-12);
  const CostParts idle = cost_of(owned(capital + R"(, "used_fraction": 0.5)"), kHour, 0);
  EXPECT_NEAR(idle.total(), 5, 1e-12);
}

TEST(Cost, OfOwnedHardwareWithInterestIsTheAnnuity) {
  const CostParts cost = cost_of(owned(R"("gpu": "30000 $", "lifetime": "1461 d", "residual_fraction": 0.1,
                                         "interest": 0.08, "maintenance_fraction": 0.05)"),
                                 kYear * kHour, 0);
  EXPECT_NEAR(cost.gpu, 8'391.8617, 1e-4);
  EXPECT_NEAR(cost.maintenance, 1'500, 1e-6);
}

// (700 W of the GPU + 32 W of its port + 2,400 / 8 W of the node) x 1.2.
TEST(Cost, HostingIsOfThePeakPower) {
  EXPECT_NEAR(peak_facility_power(load_cluster("h800-2048")).value(), 1'238.4, 1e-9);
  const ClusterSpec hosted = priced(
      R"("owned": {"gpu": "0 $", "lifetime": "1461 d"}, "electricity_per_kwh": "0.1 $",
         "hosting_per_kw_month": "100 $")");
  EXPECT_NEAR(cost_of(hosted, kYear * kHour, 0).hosting, 12 * 123.84, 1e-6);
  EXPECT_NEAR(cost_of(hosted, kYear * kHour, 0).total(), 12 * 123.84, 1e-6);
}

TEST(Cost, NetworkAndPowerOfARentAreBesides) {
  const ClusterSpec cluster = priced(
      R"("rented": {"gpu": "2 $/h", "includes_power": false}, "network": "0.25 $/h", "electricity_per_kwh": "0.1 $")");
  const CostParts cost = cost_of(cluster, 4 * kHour, 7 * kKwh);
  EXPECT_NEAR(cost.gpu, 8, 1e-12);
  EXPECT_NEAR(cost.network, 1, 1e-12);
  EXPECT_NEAR(cost.power, 0.7, 1e-12);
}

TEST(Cost, PartsAddUpAndGrowWithTimeAndEnergy) {
  for (const std::string& name : price_names()) {
    const ClusterSpec cluster = load_cluster(Json{{"base", "h800-2048"}, {"price", name}}, "case.json");
    const CostParts one = cost_of(cluster, kHour, kKwh), two = cost_of(cluster, 2 * kHour, 2 * kKwh);
    const Json parts = cost_json(one);
    double sum = 0;
    for (const auto& [part, dollars] : parts.items()) {
      EXPECT_GT(dollars.get<double>(), 0) << name << ' ' << part;
      sum += dollars.get<double>();
    }
    EXPECT_NEAR(sum, one.total(), 1e-12) << name;
    EXPECT_NEAR(two.total(), 2 * one.total(), 1e-12) << name;
    CostParts twice = one;
    twice.add(one);
    EXPECT_NEAR(twice.total(), two.total(), 1e-12) << name;
    EXPECT_NEAR(cost_of(cluster, kHour, 2 * kKwh).power, 2 * one.power, 1e-12) << name;
  }
}

}  // namespace
}  // namespace moesim
