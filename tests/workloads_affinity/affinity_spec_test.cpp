#include "workloads/affinity/affinity_spec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "base/random.hpp"

namespace moesim {
namespace {

const std::string kWhole = R"({
  "popularity": {"law": "power_law", "exponent": 1.2, "max_over_min": 800},
  "topics": {"count": 16, "spread": 0.5, "concentration": 0.1, "tokens_per_document": 2048},
  "persistence": {"correlation": 0.35, "tokens": 32},
  "drift": 0.01, "shifts": [{"step": 500, "spread": 0.5}, {"step": 900, "spread": 0.2}], "token_sigma": 1.5})";

AffinitySpec read(const std::string& text) {
  return read_spec<AffinitySpec>(parse_json(text, "affinity.json"), "affinity.json", "/affinity");
}

TEST(AffinitySpecTest, ReadsWhatItWrites) {
  const AffinitySpec spec = read(kWhole);
  EXPECT_EQ(spec.popularity.law, PopularityLaw::power_law);
  EXPECT_EQ(spec.topics.tokens_per_document, 2048);
  EXPECT_EQ(spec.shifts.at(1).step, 900);
  EXPECT_EQ(read(write_spec_text(spec)), spec);
}

TEST(AffinitySpecTest, EveryKeyMayBeAbsent) {
  const AffinitySpec spec = read("{}");
  EXPECT_EQ(spec, AffinitySpec{});
  EXPECT_EQ(read(write_spec_text(spec)), spec);
}

struct Fault {
  const char* text;
  const char* pointer;
};

TEST(AffinitySpecTest, FaultsNameTheirPlace) {
  const std::vector<Fault> faults{
      {R"({"topics": {"count": 1, "spread": 0.5}})", "/affinity/topics/count"},
      {R"({"topics": {"spread": 0.5}})", "/affinity/topics/count"},
      {R"({"topics": {"count": 4, "tokens_per_document": 0}})", "/affinity/topics/tokens_per_document"},
      {R"({"popularity": {"law": "normal"}})", "/affinity/popularity/law"},
      {R"({"popularity": {"law": "power_law", "max_over_min": 0.5}})", "/affinity/popularity/max_over_min"},
      {R"({"popularity": {"law": "zipf", "sigma": 2}})", "/affinity/popularity/sigma"},
      {R"({"popularity": {"sigma": 0.5}})", "/affinity/popularity/sigma"},
      {R"({"popularity": {"law": "lognormal", "exponent": 2}})", "/affinity/popularity/exponent"},
      {R"({"popularity": {"law": "zipf", "max_over_min": 10}})", "/affinity/popularity/max_over_min"},
      {R"({"popularity": {"law": "logit_normal", "sigma": 0.1}, "drift": 0.2})", "/affinity/drift"},
      {R"({"popularity": {"law": "logit_normal"}, "drift": 0.2})", "/affinity/drift"},
      {R"({"persistence": {"correlation": 1.1}})", "/affinity/persistence/correlation"},
      {R"({"shifts": [{"step": 0, "spread": 1}]})", "/affinity/shifts/0/step"},
      {R"({"shifts": [{"step": 5, "spread": 1}, {"step": 5, "spread": 1}]})", "/affinity/shifts/1/step"},
      {R"({"shifts": [{"step": 5}]})", "/affinity/shifts/0/spread"},
      {R"({"token_sigma": -1})", "/affinity/token_sigma"},
      {R"({"sigma": 1})", "/affinity/sigma"},
  };
  for (const Fault& fault : faults) {
    try {
      read(fault.text);
      ADD_FAILURE() << fault.text;
    } catch (const SpecError& error) {
      EXPECT_EQ(error.pointer, fault.pointer) << error.what();
    }
  }
}

TEST(AffinitySpecTest, MutatedTextsAreReadOrRefused) {
  int refused = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    RandomStream random(5, stream_of("mutated_affinity"), i);
    std::string text = kWhole;
    for (std::uint64_t fault = 0; fault <= random.below(3); ++fault) {
      const std::size_t at = random.below(text.size());
      if (random.below(2) == 0) {
        text[at] = "0123456789.-e\"{}[],: xq"[random.below(23)];
      } else {
        text.erase(at, random.below(8));
      }
    }
    try {
      read(text);
    } catch (const SpecError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace moesim
