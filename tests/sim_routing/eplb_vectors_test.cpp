#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/routing/eplb.hpp"

namespace moesim {
namespace {

// Made by tests/routing_vectors/make_eplb_vectors.py, an implementation of its own; equal to the published
// code with a stable sort.
TEST(EplbVectors, SlotsAreEqual) {
  std::ifstream file("tests/routing_vectors/eplb.json");
  const auto vectors = nlohmann::json::parse(file);
  ASSERT_GE(vectors.size(), 10U);
  std::set<bool> kinds;
  for (const auto& vector : vectors) {
    const EplbSpec spec{vector.at("num_slots"), vector.at("num_groups"), vector.at("num_nodes"),
                        vector.at("num_gpus")};
    const auto weight = vector.at("weight").get<std::vector<double>>();
    kinds.insert(is_hierarchical(spec));
    EXPECT_EQ(eplb_placement(weight, spec).slot_expert, vector.at("slots").get<std::vector<int>>())
        << vector.at("name");
  }
  EXPECT_EQ(kinds.size(), 2U);
}

}  // namespace
}  // namespace moesim
