// A step of every model of the catalog: dense ones, ones without dense layers, without MTP modules, without
// shared experts.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "models/flops.hpp"
#include "sim/training/routed_loads.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

LayerWork work_of(const TrainingInputs& inputs, LayerKind kind) {
  return layer_work(inputs, routed_load(inputs, inputs.scenario.routing), kind);
}

V3Step step_of(const std::string& name) {
  const ModelSpec model = load_model(name);
  V3Step step = V3Step::shortest().balanced().equal_gpus().assigned_stages().much_memory();
  step.model([=](ModelSpec& spec) { spec = model; });
  step.set("/layout/schedule", "1f1b").set("/layout/pp", "4");
  const int ep = model.num_experts > 0 ? std::gcd(model.num_experts, 8) : 1;
  step.set("/layout/ep", std::to_string(ep));
  return step;
}

class CatalogModel : public testing::TestWithParam<std::string> {};

// 4,096 sequences of 4,096 tokens on 2,048 GPUs of 1,979 TFLOP/s: no step is faster, and none has no length.
TEST_P(CatalogModel, TakesAtLeastItsOperationsAtPeak) {
  const double flops = training_flops_per_token(load_model(GetParam()), 4096).value();
  const double seconds = step_of(GetParam()).seconds();
  EXPECT_TRUE(std::isfinite(seconds));
  EXPECT_GT(seconds, flops * 4096 * 4096 / (2048 * 1979e12));
}

INSTANTIATE_TEST_SUITE_P(Catalog, CatalogModel, testing::ValuesIn(catalog_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

TEST(LayerWork, IsEmptyForAKindOfLayerThatTheModelLacks) {
  const TrainingInputs mixtral = step_of("mixtral-8x7b").inputs();
  EXPECT_EQ(work_of(mixtral, LayerKind::dense).attention_forward.alone_s, 0);
  EXPECT_GT(work_of(mixtral, LayerKind::moe).mlp_forward.alone_s, 0);
  const TrainingInputs llama = step_of("llama-3.1-8b").inputs();
  EXPECT_EQ(work_of(llama, LayerKind::moe).mlp_forward.alone_s, 0);
  EXPECT_GT(work_of(llama, LayerKind::dense).mlp_forward.alone_s, 0);
}

}  // namespace
}  // namespace moesim
