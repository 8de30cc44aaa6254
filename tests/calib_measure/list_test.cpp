// What `moesim-calibrate list` prints, against its golden; writes it anew with MOESIM_UPDATE_GOLDEN=1.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "calib/measure/budget.hpp"
#include "calib/measure/suite.hpp"
#include "calib/measure/suite_text.hpp"

namespace moesim {
namespace {

constexpr const char* kGolden = "tests/calib_measure/list.txt";

GpuFacts h200() {
  return read_profile_file("calib/profiles/h200-sxm.json").gpu;
}

std::string listed() {
  const auto all = standard_suite();
  const auto quick = chosen_cases(all, {}, true, "--only");
  return suite_table(all, h200()) + "\n" + case_table(quick);
}

TEST(List, IsTheGolden) {
  if (std::getenv("MOESIM_UPDATE_GOLDEN") != nullptr) std::ofstream(kGolden) << listed();
  std::ifstream in(kGolden);
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(listed(), golden) << "MOESIM_UPDATE_GOLDEN=1 writes it anew";
}

TEST(StandardSuite, KeepsToItsBudgetsByEstimate) {
  const auto all = standard_suite();
  const auto quick = chosen_cases(all, {}, true, "--only");
  EXPECT_FALSE(quick.empty());
  EXPECT_LT(quick.size(), all.size());
  EXPECT_LT(estimated_time(all, h200()), kFullBudget);
  EXPECT_LT(estimated_time(quick, h200()), kQuickBudget);
}

TEST(StandardSuite, RandomCasesDependOnTheSeedAndKeepToTheirFamilies) {
  const std::vector<std::string> elementwise{"elementwise"};
  const auto ids = [&](std::uint64_t seed) {
    std::vector<std::string> out;
    for (const MeasuredCase& point : random_cases(20, seed, elementwise)) out.push_back(point.id());
    return out;
  };
  EXPECT_EQ(ids(1), ids(1));
  EXPECT_NE(ids(1), ids(2));
  for (const MeasuredCase& point : random_cases(200, 3, {}))
    for (const std::string& axis : axes_of(point.op)) EXPECT_GT(point.axis(axis), 0) << point.id();
}

TEST(ChosenCases, AnUnknownFamilyIsNamedWithItsNearest) {
  const std::vector<std::string> wrong{"elementwize"};
  try {
    (void)chosen_cases(standard_suite(), wrong, false, "--only");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_STREQ(error.what(), "--only: unknown family 'elementwize'; did you mean 'elementwise'?");
  }
}

}  // namespace
}  // namespace moesim
