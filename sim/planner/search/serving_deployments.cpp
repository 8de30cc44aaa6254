#include "sim/planner/search/serving_deployments.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "sim/serving/deployment/pool_checks.hpp"
#include "sim/serving/experts/expert_loads.hpp"

namespace moesim {

struct ServingDeployments::Slot {
  std::once_flag once;
  ServingDeployment deployment;
};

struct ServingDeployments::Experts {
  std::once_flag once;
  std::shared_ptr<const ExpertLoads> loads;
  RebalanceCost rebalance;
};

namespace {

/// The scenario with what deployments share left as it is, and one unit a pool.
ServingScenario common_part(const ServingScenario& scenario) {
  ServingScenario common = scenario;
  common.failures.clear();
  common.published.clear();
  common.slo = {};
  for (auto& [name, pool] : common.deployment) {
    pool.units = 1;
    pool.batching = {};
    pool.scaling = {};
  }
  return common;
}

std::string key_of(const ServingScenario& common) {
  return write_spec_text(common);
}

std::string experts_key(const ServingInputs& inputs, const PoolInputs& pool, BatchMode mode) {
  const UnitLayout& layout = pool.spec.layout;
  return fmt::format("{}|{} {} {} {}|{} {}|{}|{}|{}|{}", inputs.model.name, layout.gpus, layout.tp, layout.ep,
                     layout.redundant_experts, pool.cluster.gpus_per_node, write_spec_text(pool.cluster),
                     static_cast<int>(pool.spec.precision), static_cast<int>(mode), inputs.scenario.seed,
                     write_spec_text(inputs.scenario.experts));
}

bool only_memory(const ServingPlan& plan) {
  std::size_t memory = 0;
  for (const auto& pool : plan.inputs->pools)
    memory += find_memory_violations(pool->memory, pool->spec, "").size();
  return memory > 0 && memory == plan.violations.size();
}

}  // namespace

ServingDeployments::ServingDeployments(std::string file, SourceSet excluded)
    : file_(std::move(file)), excluded_(std::move(excluded)) {}
ServingDeployments::~ServingDeployments() = default;

const ServingDeployment& ServingDeployments::of(const ServingScenario& scenario) {
  const ServingScenario common = common_part(scenario);
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& place = slots_[key_of(common)];
    if (!place) place = std::make_unique<Slot>();
    slot = place.get();
  }
  std::call_once(slot->once, [&] { load(common, slot->deployment); });
  return slot->deployment;
}

void ServingDeployments::load(const ServingScenario& scenario, ServingDeployment& out) {
  ServingPlan plan = moesim::plan_serving(scenario, file_, excluded_);
  out.memory_alone = only_memory(plan);
  out.violations = std::move(plan.violations);
  out.inputs = std::move(plan.inputs);
  if (!out.violations.empty()) return;
  for (const auto& pool : out.inputs->pools) {
    const std::string at = "/deployment/" + pool->name;
    try {
      load_pool(*out.inputs, *pool);
    } catch (const PlanError& error) {
      for (const auto& violation : error.violations)
        out.violations.push_back({at + violation.pointer, violation.what, violation.hint});
    } catch (const LocatedError& error) {
      out.violations.push_back({at, error.what_text, error.hint});
    }
  }
  if (out.violations.empty()) out.demand = serving_demand(*out.inputs);
}

void ServingDeployments::load_pool(ServingInputs& inputs, PoolInputs& pool) {
  const ServingScenario& scenario = inputs.scenario;
  const BatchMode mode = pool.spec.role == PoolRole::prefill ? BatchMode::training : BatchMode::decode;
  pool.costs = make_step_costs(inputs.cost_input(pool));
  Experts* experts = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& place = experts_[experts_key(inputs, pool, mode)];
    if (!place) place = std::make_unique<Experts>();
    experts = place.get();
  }
  std::call_once(experts->once, [&] {
    experts->loads = make_expert_loads(inputs.model, pool.spec.layout, scenario.experts,
                                       pool.cluster.gpus_per_node, scenario.seed, mode);
    experts->rebalance = rebalance_of(inputs.model, pool.spec.layout, scenario.experts, pool.cluster,
                                      pool.spec.precision, scenario.seed, mode);
  });
  pool.experts = experts->loads;
  pool.rebalance = experts->rebalance;
}

std::unique_ptr<ServingInputs> ServingDeployments::inputs_of(const ServingDeployment& deployment,
                                                             const ServingScenario& scenario) {
  const ServingInputs& common = *deployment.inputs;
  auto inputs = std::make_unique<ServingInputs>();
  inputs->scenario = scenario;
  inputs->scenario.workload = common.scenario.workload;
  inputs->file = common.file;
  inputs->model = common.model;
  inputs->warnings = common.warnings;
  for (const auto& pool : common.pools) {
    inputs->pools.push_back(std::make_unique<PoolInputs>(*pool));
    PoolSpec& spec = inputs->pools.back()->spec;
    const PoolSpec& own = scenario.deployment.at(pool->name);
    spec.units = own.units;
    spec.batching = own.batching;
    spec.scaling = own.scaling;
  }
  return inputs;
}

}  // namespace moesim
