#include "sim/planner/capacity/slo.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace moesim {
namespace {

TEST(Slo, IsReadWithItsPercentiles) {
  const auto slo = read_slo("ttft=2s@p99, tpot=50 ms@p99.9,e2e=1 min@p90", "--slo");
  ASSERT_EQ(slo.size(), 3U);
  EXPECT_EQ(slo[0].figure, SloFigure::ttft);
  EXPECT_DOUBLE_EQ(slo[0].limit_s, 2);
  EXPECT_DOUBLE_EQ(slo[0].share, 0.99);
  EXPECT_EQ(slo[1].figure, SloFigure::tpot);
  EXPECT_DOUBLE_EQ(slo[1].limit_s, 0.05);
  EXPECT_DOUBLE_EQ(slo[1].share, 0.999);
  EXPECT_EQ(slo[2].figure, SloFigure::e2e);
  EXPECT_DOUBLE_EQ(slo[2].limit_s, 60);
}

TEST(Slo, ATextOfATargetIsReadAgain) {
  for (const char* text : {"ttft=2 s@p99", "tpot=50 ms@p99.9", "e2e=60 s@p90"})
    EXPECT_EQ(read_slo(text, "")[0].text(), text);
}

struct Fault {
  const char* text;
  const char* what;
  const char* hint;
};

TEST(Slo, FaultsNameThePartAndAnExample) {
  const Fault faults[] = {
      {"", "''", "ttft=2s@p99"},
      {"ttft=2s", "'ttft=2s' is no NAME=TIME@pPERCENT", "ttft=2s@p99"},
      {"ttf=2s@p99", "no target 'ttf'", "did you mean \"ttft\"?"},
      {"ttft=2@p99", "ttft: ", ""},
      {"ttft=2 GB@p99", "ttft: ", ""},
      {"ttft=0s@p99", "ttft is not above 0", "ttft=2s@p99"},
      {"ttft=2s@99", "'99' is no percentile", "ttft=2s@p99"},
      {"ttft=2s@p0", "'p0' is no percentile", ""},
      {"ttft=2s@p101", "'p101' is no percentile", ""},
      {"ttft=2s@p99,", "'' is no NAME", ""},
      {"ttft=2s@p99,ttft=3s@p90", "ttft=3 s@p90 asks for nothing beside ttft=2 s@p99", "leave one"},
      {"ttft=2s@p99,ttft=2s@p99", "asks for nothing", ""},
      {"ttft=5s@p99,e2e=4s@p99", "ttft=5 s@p99 asks for nothing beside e2e=4 s@p99", ""},
  };
  for (const Fault& fault : faults) {
    try {
      read_slo(fault.text, "--slo");
      ADD_FAILURE() << fault.text;
    } catch (const SpecError& error) {
      EXPECT_EQ(error.file, "--slo");
      EXPECT_NE(error.what_text.find(fault.what), std::string::npos) << fault.text << ": " << error.what_text;
      EXPECT_NE(error.hint.find(fault.hint), std::string::npos) << fault.text << ": " << error.hint;
    }
  }
}

TEST(Slo, TwoLimitsOfOneFigureAreTwoTargets) {
  EXPECT_EQ(read_slo("ttft=2s@p99,ttft=1s@p50", "").size(), 2U);
  EXPECT_EQ(read_slo("ttft=5s@p99,e2e=4s@p90", "").size(), 2U);
}

}  // namespace
}  // namespace moesim
