#include "calib/profile/constant.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

const std::vector<Source> kSources{
    {"paper", "a paper", "", ""}, {"trace", "a trace", "", ""}, {"practice", "practice", "", ""}};

Constant constant(const std::string& name = "rate") {
  Constant out;
  out.name = name;
  out.value = 0.5;
  out.unit = "ratio";
  out.provenance = Provenance::derived;
  out.sources = {"paper"};
  out.interval = {0.4, 0.6};
  return out;
}

Constant fitted(const std::string& name = "rate") {
  Constant out = constant(name);
  out.provenance = Provenance::fitted;
  out.sources = {"trace"};
  out.cases = {"a-case"};
  out.fallback = ConstantFallback{1, Provenance::assumed, {"practice"}, {0.9, 1}};
  return out;
}

std::string fault_of(const std::vector<Constant>& constants, std::size_t max_fitted = kMaxFittedConstants) {
  const auto fault = find_constant_fault(constants, kSources, max_fitted);
  return fault ? fault->pointer + ": " + fault->what : "";
}

TEST(Constants, WithoutFault) {
  EXPECT_EQ(fault_of({constant("a"), fitted("b")}), "");
}

TEST(Constants, LieWithinTheirInterval) {
  Constant outside = constant();
  outside.value = 0.7;
  EXPECT_EQ(fault_of({constant("a"), outside}),
            "/constants/1: constant 'rate': the interval [low, high] does not hold the value");
  Constant turned = constant();
  turned.interval = {0.6, 0.4};
  EXPECT_NE(fault_of({turned}), "");
  Constant short_of_one = constant();
  short_of_one.interval = {0.5};
  EXPECT_NE(fault_of({short_of_one}), "");
}

TEST(Constants, NameSourcesThatThereAre) {
  Constant unknown = constant();
  unknown.sources.push_back("rumour");
  EXPECT_EQ(fault_of({unknown}), "/constants/0: constant 'rate': unknown source 'rumour'");
  Constant fallback = fitted();
  fallback.fallback->sources = {"rumour"};
  EXPECT_EQ(fault_of({fallback}), "/constants/0: constant 'rate': unknown source 'rumour'");
}

TEST(Constants, AreNamedOnce) {
  EXPECT_EQ(fault_of({constant(), constant()}), "/constants/1: a second constant 'rate'");
}

TEST(FittedConstants, NameCasesAndAFallbackThatIsNotFitted) {
  Constant no_case = fitted();
  no_case.cases.clear();
  EXPECT_EQ(fault_of({no_case}), "/constants/0: constant 'rate': a fitted constant names its cases");
  Constant no_fallback = fitted();
  no_fallback.fallback.reset();
  EXPECT_EQ(fault_of({no_fallback}), "/constants/0: constant 'rate': a fitted constant needs a fallback");
  Constant fitted_fallback = fitted();
  fitted_fallback.fallback->provenance = Provenance::fitted;
  EXPECT_EQ(fault_of({fitted_fallback}), "/constants/0: constant 'rate': a fallback cannot be fitted");
  Constant outside = fitted();
  outside.fallback->value = 2;
  EXPECT_EQ(fault_of({outside}),
            "/constants/0: constant 'rate': the fallback's interval does not hold its value");
}

TEST(FittedConstants, AreAtMostFour) {
  std::vector<Constant> constants;
  for (const char* name : {"a", "b", "c", "d"}) constants.push_back(fitted(name));
  EXPECT_EQ(fault_of(constants), "");
  constants.push_back(fitted("e"));
  EXPECT_EQ(fault_of(constants), "/constants/4: more than 4 fitted constants");
  EXPECT_EQ(fault_of({fitted()}, 0), "/constants/0: more than 0 fitted constants");
}

TEST(Resolve, GivesTheConstantItself) {
  const ResolvedConstant out = resolve(fitted(), {"paper"}, "stack.json");
  EXPECT_EQ(out.value, 0.5);
  EXPECT_EQ(out.provenance, Provenance::fitted);
  EXPECT_EQ(out.cases, std::vector<std::string>{"a-case"});
  EXPECT_EQ(out.low, 0.4);
  EXPECT_EQ(out.high, 0.6);
  EXPECT_FALSE(out.fallback);
}

TEST(Resolve, PutsInTheFallbackOfASourceThatIsLeftOut) {
  const ResolvedConstant out = resolve(fitted(), {"trace"}, "stack.json");
  EXPECT_EQ(out.value, 1);
  EXPECT_EQ(out.provenance, Provenance::assumed);
  EXPECT_EQ(out.sources, std::vector<std::string>{"practice"});
  EXPECT_TRUE(out.cases.empty());
  EXPECT_EQ(out.low, 0.9);
  EXPECT_TRUE(out.fallback);
}

TEST(Resolve, ThrowsWhereNothingIsLeft) {
  EXPECT_THROW(resolve(constant(), {"paper"}, "stack.json"), CalibrationError);
  EXPECT_THROW(resolve(fitted(), {"trace", "practice"}, "stack.json"), CalibrationError);
}

TEST(FindConstant, NamesTheNearest) {
  const std::vector<Constant> constants{constant("launch"), constant("sustained_rate")};
  EXPECT_EQ(&find_constant(constants, "launch", "stack.json"), &constants[0]);
  try {
    find_constant(constants, "sustaned_rate", "stack.json");
    ADD_FAILURE() << "found";
  } catch (const CalibrationError& error) {
    EXPECT_EQ(error.file, "stack.json");
    EXPECT_EQ(error.what_text, "no constant 'sustaned_rate'");
    EXPECT_EQ(error.hint, "did you mean 'sustained_rate'?");
  }
}

}  // namespace
}  // namespace moesim
