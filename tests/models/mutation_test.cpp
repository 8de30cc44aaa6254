// A damaged model is refused at a place, or counts without overflow.
#include <cmath>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/flops.hpp"
#include "models/operators.hpp"
#include "models/parameters.hpp"
#include "tests/base/spec_mutation.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

void expect_counts_or_spec_error(const Json& document) {
  try {
    const ModelSpec model = read_model(document, "model.json");
    EXPECT_GT(parameters(model).total(), 0) << document.dump();
    EXPECT_TRUE(std::isfinite(training_flops_per_token(model, 4096).value())) << document.dump();
    EXPECT_GT(kv_bytes_per_token(model).value(), 0) << document.dump();
    for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient}) {
      const LayerKind kind = model.num_moe_layers() > 0 ? LayerKind::moe : LayerKind::dense;
      const OperatorSum sum = sum_of(layer_operators(model, kind, pass, test::training_context(model)));
      EXPECT_GT(sum.flops.value(), 0) << document.dump();
    }
  } catch (const SpecError& error) {
    EXPECT_FALSE(error.what_text.empty()) << document.dump();
    EXPECT_EQ(error.file, "model.json");
  }
}

class ModelMutation : public testing::TestWithParam<unsigned> {};

TEST_P(ModelMutation, OfTheCompactFormCountsOrIsASpecError) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 300; ++i) {
    Json document = write_spec(load_model("deepseek-v3"));
    mutation::of_value(document, random);
    expect_counts_or_spec_error(document);
  }
}

TEST_P(ModelMutation, OfAConfigurationCountsOrIsASpecError) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 300; ++i) {
    Json document = test::v3_config();
    mutation::of_value(document, random);
    expect_counts_or_spec_error(document);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelMutation, testing::Range(1U, 5U));

}  // namespace
}  // namespace moesim
