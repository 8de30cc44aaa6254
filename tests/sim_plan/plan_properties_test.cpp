// What holds for every layout, valid or not.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "models/parameters.hpp"
#include "sim/plan/plan.hpp"
#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

class RandomLayouts : public testing::TestWithParam<unsigned> {
 protected:
  int one_of(std::vector<int> values) { return values[random_() % values.size()]; }

  PlanInput draw() {
    PlanInput input = test::small_input(one_of({1, 2, 4}));
    Layout& layout = input.layout;
    layout.tp = one_of({0, 1, 1, 1, 2, 3});
    layout.pp = one_of({1, 2, 2, 4, 5});
    layout.cp = one_of({1, 1, 1, 2});
    layout.ep = one_of({1, 2, 4, 8, 32});
    layout.etp = one_of({1, 1, 1, 2});
    layout.vpp = one_of({1, 1, 1, 1, 1, 2});
    layout.zero = one_of({0, 1, 2, 3});
    layout.micro_batch = one_of({1, 1, 2, 3});
    layout.schedule = kSchedules[random_() % kSchedules.size()].kind;
    if (one_of({0, 1}) == 1) layout.recompute = {Recompute::rms_norm};
    if (one_of({0, 0, 0, 1}) == 1) layout.stage_layers = {one_of({1, 2}), 2};
    input.recipe.global_batch = one_of({64, 96, 128, 7});
    input.cluster.gpu_memory = Bytes(one_of({5, 20, 80}) * 0x1p30);
    return input;
  }

  void expect_holds(const PlanInput& input) {
    const Plan plan = make_plan(input);
    const Layout& layout = input.layout;
    EXPECT_EQ(std::int64_t{plan.num_microbatches()} * layout.micro_batch * plan.groups.size(GroupKind::data),
              input.recipe.global_batch);
    EXPECT_EQ(plan.groups.size(GroupKind::expert) * plan.groups.size(GroupKind::expert_data) *
                  plan.groups.size(GroupKind::expert_tensor) * layout.pp,
              input.cluster.num_gpus());
    int layers = 0;
    for (const StageContent& stage : plan.stages) layers += stage.num_layers();
    EXPECT_EQ(layers, input.model.num_layers);
    EXPECT_EQ(plan.stages.size(), static_cast<std::size_t>(num_stages(plan.schedule)));
    ASSERT_EQ(plan.memory.ranks.size(), static_cast<std::size_t>(layout.pp));
    for (const MemoryItems& items : plan.memory.ranks) {
      EXPECT_GT(items.total(), Bytes{});
      EXPECT_LE(items.total() + plan.memory.reserve, input.cluster.gpu_memory);
    }
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(RandomLayouts, ArePlansOrHaveViolationsWithAHint) {
  int num_plans = 0;
  int num_refused = 0;
  for (int i = 0; i < 600; ++i) {
    const PlanInput input = draw();
    SCOPED_TRACE(write_spec_text(input.layout));
    const auto violations = find_violations(input);
    if (violations.empty()) {
      ++num_plans;
      expect_holds(input);
      continue;
    }
    ++num_refused;
    for (const auto& violation : violations) {
      EXPECT_EQ(violation.pointer.front(), '/');
      EXPECT_FALSE(violation.what.empty());
      EXPECT_FALSE(violation.hint.empty());
    }
    try {
      make_plan(input);
      ADD_FAILURE() << "planned";
    } catch (const PlanError& error) {
      EXPECT_EQ(error.violations.size(), violations.size());
    }
  }
  EXPECT_GT(num_plans, 30);
  EXPECT_GT(num_refused, 30);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLayouts, testing::Range(1U, 5U));

// On one GPU of each group without tensor parallelism: the parameters of all stages, the experts of all ep
// ranks among them, are those of the model and its MTP module.
TEST(StageParameters, AddUpToTheModel) {
  const PlanInput input = test::deepseek_v3_input();
  const Plan plan = make_plan(input);
  const MemoryInput memory{input.model, input.layout, input.recipe, plan.stages, input.cluster, 120};
  double sum = 0;
  for (const StageContent& stage : plan.stages) {
    const StageParameters count = stage_parameters(memory, stage, true);
    sum += count.linear + count.plain + input.layout.ep * count.experts;
  }
  const ParameterCount whole = parameters(input.model);
  EXPECT_DOUBLE_EQ(sum, static_cast<double>(whole.total() + whole.mtp));
}

/// Without experts their tensor parallelism shards nothing, but its groups must exist: 4 ranks of 2 GPUs.
TEST(PlanErrors, ExpertTensorParallelismDividesAStageOfADenseModelToo) {
  PlanInput input = test::deepseek_v3_input();
  input.model = load_model("llama-3.1-8b");
  input.cluster.num_nodes = 1;
  input.layout = Layout{};
  input.layout.pp = 4;
  input.layout.etp = 2;
  input.recipe.global_batch = 64;
  const auto has_etp = [&] {
    return std::ranges::any_of(find_violations(input),
                               [](const auto& violation) { return violation.pointer == "/layout/etp"; });
  };
  EXPECT_FALSE(has_etp());
  input.layout.etp = 4;
  EXPECT_TRUE(has_etp());
}

}  // namespace
}  // namespace moesim
