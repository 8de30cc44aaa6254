#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "tests/base/spec_example.hpp"
#include "tests/base/spec_mutation.hpp"

namespace moesim {
namespace {

using example_spec::Layout;

/// Reads the text as a Layout: a fault is a SpecError that says something; what is read can be written and
/// read again.
void expect_layout_or_spec_error(const std::string& text) {
  try {
    const auto layout = read_spec<Layout>(parse_json(text, "mutated.json"), "mutated.json");
    EXPECT_EQ(read_spec<Layout>(parse_json(write_spec_text(layout), ""), ""), layout) << text;
  } catch (const SpecError& error) {
    EXPECT_FALSE(error.what_text.empty()) << text;
    EXPECT_EQ(error.file, "mutated.json");
  }
}

class Mutation : public testing::TestWithParam<unsigned> {};

TEST_P(Mutation, OfBytesGivesALayoutOrASpecError) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 500; ++i) expect_layout_or_spec_error(mutation::of_text(mutation::kFullLayout, random));
}

TEST_P(Mutation, OfValuesGivesALayoutOrASpecError) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 500; ++i) {
    Json json = parse_json(mutation::kFullLayout, "");
    mutation::of_value(json, random);
    expect_layout_or_spec_error(write_json(json));
  }
}

TEST_P(Mutation, OfAPointerSetsOrIsASpecError) {
  const Json schema = schema_of<Layout>();
  std::mt19937 random(GetParam());
  for (int i = 0; i < 200; ++i) {
    Json json = parse_json(mutation::kFullLayout, "");
    const Json before = json;
    const std::string pointer = mutation::of_text("/links/0/bandwidth", random);
    try {
      set_at_pointer(json, schema, pointer, mutation::of_text("450 GB/s", random));
    } catch (const SpecError&) {
      EXPECT_EQ(json, before) << pointer;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Mutation, testing::Range(1U, 9U));

TEST(MutationBase, IsALayout) {
  EXPECT_NO_THROW(read_spec<Layout>(parse_json(mutation::kFullLayout, ""), ""));
}

}  // namespace
}  // namespace moesim
