#include "base/error.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

const std::vector<std::string> kKeys = {"pp", "schedule", "micro_batch", "recompute"};

TEST(Nearest, FindsOneSlipAndNothingFar) {
  EXPECT_EQ(nearest("shedule", kKeys), "schedule");
  EXPECT_EQ(nearest("microbatch", kKeys), "micro_batch");
  EXPECT_EQ(nearest("tp", kKeys), "pp");
  EXPECT_EQ(nearest("bandwidth", kKeys), "");
  EXPECT_EQ(nearest("", kKeys), "");
  EXPECT_EQ(nearest("pp", std::vector<std::string>{}), "");
}

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);  // k->s, e->i, +g
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  EXPECT_EQ(edit_distance("rnu", "run"), 1U);
  EXPECT_EQ(edit_distance("chekc", "check"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // a swapped pair is not edited again
}

TEST(Errors, SayFilePointerFaultAndHint) {
  const SpecError error("a.json", "/layout/pp", "is missing", "add \"pp\": 1");
  EXPECT_STREQ(error.what(), "a.json: /layout/pp: is missing; add \"pp\": 1");
  EXPECT_STREQ(SpecError("", "", "is empty", "").what(), "is empty");
  EXPECT_STREQ(OutputError("x/y", "is a directory", "name a file").what(),
               "x/y: is a directory; name a file");
  const PlanError plan({{"/layout/pp", "too deep", ""}, {"/layout/ep", "too wide", "use 8"}});
  EXPECT_STREQ(plan.what(), "/layout/pp: too deep\n/layout/ep: too wide; use 8");
}

}  // namespace
}  // namespace moesim
