#include "sim/planner/search/serving_limit.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace moesim {
namespace {

std::string fault_of(const std::string& text) {
  try {
    read_serving_limit(text, "--constraint");
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(ServingLimit, ReadsTimesWithTheirQuantile) {
  const ServingLimit limit = read_serving_limit("ttft<=2s@p90", "--constraint");
  EXPECT_EQ(limit.figure, "ttft_s.p90");
  EXPECT_TRUE(limit.at_most);
  EXPECT_DOUBLE_EQ(limit.value, 2);
  EXPECT_EQ(read_serving_limit("tpot<=50ms", "--constraint").figure, "tpot_s.p99");
  EXPECT_FALSE(read_serving_limit("slo>=0.99", "--constraint").at_most);
  EXPECT_DOUBLE_EQ(read_serving_limit("memory<=70 GB", "--constraint").value, 70e9);
}

TEST(ServingLimit, RefusesWhatItDoesNotKnow) {
  EXPECT_NE(fault_of("ttfd<=2s").find("did you mean \"ttft\"?"), std::string::npos);
  EXPECT_NE(fault_of("ttft<2s").find("NAME<=VALUE"), std::string::npos);
  EXPECT_NE(fault_of("ttft<=2s@p42").find("no \"@p42\""), std::string::npos);
  EXPECT_NE(fault_of("batch<=64@p99").find("no \"@p99\" of batch"), std::string::npos);
  EXPECT_NE(fault_of("ttft<=2").find("--constraint ttft<=2"), std::string::npos);
  EXPECT_NE(fault_of("slo>=1.5").find("out of range"), std::string::npos);
  EXPECT_NE(fault_of("user>=fast").find("no number"), std::string::npos);
}

TEST(ServingLimit, NamesTheTwoThatContradict) {
  const std::vector<ServingLimit> limits{read_serving_limit("user>=30", "--constraint"),
                                         read_serving_limit("user<=20", "--constraint")};
  try {
    check_limits(limits, "--constraint");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("user>=30 contradicts user<=20"), std::string::npos);
  }
  EXPECT_NO_THROW(check_limits(std::vector{limits[0]}, "--constraint"));
}

TEST(ServingLimit, MissesAreSharesOfTheLimit) {
  EXPECT_DOUBLE_EQ(miss_fraction(read_serving_limit("tpot<=50ms", ""), 0.06), 0.2);
  EXPECT_DOUBLE_EQ(miss_fraction(read_serving_limit("user>=20", ""), 15), 0.25);
  EXPECT_EQ(miss_fraction(read_serving_limit("user>=20", ""), 20), 0);
}

TEST(ServingLimit, BoundsTakeTheTightestMean) {
  const std::vector<ServingLimit> limits{read_serving_limit("tpot<=60ms@mean", ""),
                                         read_serving_limit("user>=20", ""),
                                         read_serving_limit("ttft<=2s@p50", "")};
  const BoundLimits bound = bound_limits(limits);
  EXPECT_DOUBLE_EQ(*bound.tpot_s, 0.05);
  EXPECT_FALSE(bound.ttft_s.has_value());  // a median says nothing of the mean
}

}  // namespace
}  // namespace moesim
