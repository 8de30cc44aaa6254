#include "sim/serving/experts/expert_load_spec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace moesim {
namespace {

ExpertLoadSpec read(const char* text) {
  return read_spec<ExpertLoadSpec>(parse_json(text, "experts.json"), "experts.json");
}

std::string pointer_of_fault(const char* text) {
  try {
    read(text);
  } catch (const SpecError& error) {
    return error.pointer;
  }
  return "none";
}

TEST(ExpertLoadSpec, DefaultsAreTheServingAffinity) {
  const ExpertLoadSpec spec = read("{}");
  EXPECT_EQ(spec.of_tokens(), serving_affinity());
  EXPECT_EQ(spec.of_tokens().popularity.sigma, 0.986);
  EXPECT_TRUE(spec.eplb.on);
  EXPECT_EQ(spec.redraw_every, 64);
}

TEST(ExpertLoadSpec, ReadsWhatItWrites) {
  const ExpertLoadSpec spec = read(R"({"mode": "balanced", "redraw_every": 16, "affinity_step": "2 s",
    "affinity": {"popularity": {"law": "lognormal", "sigma": 0.5}}, "eplb": {"on": false, "lag": "30 s"}})");
  const ExpertLoadSpec again = read(write_spec_text(spec).c_str());
  EXPECT_EQ(again.mode, ExpertLoadMode::balanced);
  EXPECT_EQ(again.redraw_every, 16);
  EXPECT_EQ(again.affinity_step, Seconds(2));
  EXPECT_EQ(again.affinity, spec.affinity);
  EXPECT_FALSE(again.eplb.on);
  EXPECT_EQ(again.eplb.lag, Seconds(30));
}

// What is left out of a given affinity is not that of serving.
TEST(ExpertLoadSpec, AGivenAffinityStandsForItself) {
  const ExpertLoadSpec spec = read(R"({"affinity": {"popularity": {"law": "zipf", "exponent": 0.8}}})");
  EXPECT_EQ(spec.of_tokens().popularity.law, PopularityLaw::zipf);
  EXPECT_EQ(spec.of_tokens().drift, 0);
}

TEST(ExpertLoadSpec, RefusesWhatATableOfMeansCannotHold) {
  EXPECT_EQ(pointer_of_fault(R"({"affinity": {"shifts": [{"step": 3, "spread": 1}]}})"), "/affinity/shifts");
  EXPECT_EQ(pointer_of_fault(R"({"redraw_every": 0})"), "/redraw_every");
  EXPECT_EQ(pointer_of_fault(R"({"eplb": {"window": 0}})"), "/eplb/window");
  EXPECT_EQ(pointer_of_fault(R"({"mode": "even"})"), "/mode");
}

}  // namespace
}  // namespace moesim
