#include "sim/serving/serving_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/serving/deployment/pool_checks.hpp"
#include "sim/serving/experts/expert_loads.hpp"

namespace moesim {
namespace {

/// Shares of a GPU's memory where a stack says nothing (assumed: engines use 0.85 to 0.9, graphs 2 to 4 GB).
constexpr MemoryShare kAssumedShare{0.88, 3.0e9};

/// What `pointer` of the scenario names, by `load`: a catalog name, or a path relative to the folder of
/// `file`. A name that is not shipped is a fault at that place.
template <class Load>
auto load_named(const std::string& name, const std::string& file, const std::string& pointer,
                const Load& load) {
  const bool is_path = name.ends_with(".json");
  const std::string found = is_path ? (std::filesystem::path(file).parent_path() / name).string() : name;
  try {
    return load(found);
  } catch (const CalibrationError& error) {
    if (is_path || error.file != name) throw;
    throw CalibrationError(file, pointer, fmt::format("{} \"{}\"", error.what_text, name), error.hint);
  }
}

/// Profiles and stacks by name, each loaded once.
class Loaded {
 public:
  Loaded(std::string file, const SourceSet& excluded) : file_(std::move(file)), excluded_(excluded) {}

  std::shared_ptr<const CalibrationProfile> profile(const std::string& name, const std::string& pointer) {
    auto& slot = profiles_[name];
    if (!slot) {
      slot = std::make_shared<const CalibrationProfile>(load_named(
          name, file_, pointer, [&](const std::string& found) { return load_profile(found, excluded_); }));
    }
    return slot;
  }
  std::shared_ptr<const Stack> stack(const std::string& name, const std::string& pointer) {
    auto& slot = stacks_[name];
    if (!slot) {
      slot = std::make_shared<const Stack>(
          load_named(name, file_, pointer, [](const std::string& found) { return load_stack(found); }));
    }
    return slot;
  }

 private:
  std::string file_;
  const SourceSet& excluded_;
  std::map<std::string, std::shared_ptr<const CalibrationProfile>> profiles_;
  std::map<std::string, std::shared_ptr<const Stack>> stacks_;
};

/// A value of the pool, or the scenario's, with its place.
struct Named {
  std::string name;
  std::string pointer;
};
Named named(const std::string& own, const std::string& common, const std::string& pool,
            const std::string& key) {
  return own.empty() ? Named{common, "/" + key} : Named{own, "/deployment/" + pool + "/" + key};
}

std::unique_ptr<PoolInputs> load_pool(const ServingInputs& inputs, const std::string& name,
                                      const PoolSpec& spec, Loaded& loaded) {
  const ServingScenario& scenario = inputs.scenario;
  auto pool = std::make_unique<PoolInputs>();
  pool->name = name;
  pool->spec = spec;
  const bool own = !is_absent(spec.cluster);
  pool->cluster = load_cluster(parse_json(own ? spec.cluster.text : scenario.cluster.text, inputs.file),
                               inputs.file, own ? "/deployment/" + name + "/cluster" : "/cluster");
  const Named profile = named(spec.calibration, scenario.calibration, name, "calibration");
  pool->profile = loaded.profile(profile.name, profile.pointer);
  const Named stack = named(spec.stack, scenario.stack, name, "stack");
  pool->stack = loaded.stack(stack.name, stack.pointer);
  if (!pool->spec.max_context) pool->spec.max_context = inputs.model.max_positions;
  pool->memory = memory_of(inputs.model, *pool);
  return pool;
}

/// Units of all pools that begin on one cluster.
void check_room(const ServingInputs& inputs, std::vector<PlanError::Violation>& found) {
  std::map<std::string, std::pair<int, int>> gpus;  // asked for and there, by cluster
  for (const auto& pool : inputs.pools) {
    auto& [asked, there] = gpus[pool->cluster.name];
    asked += pool->spec.units * pool->spec.layout.gpus;
    there = pool->cluster.num_gpus();
  }
  for (const auto& [name, counts] : gpus) {
    if (counts.first <= counts.second) continue;
    found.push_back({"/deployment",
                     fmt::format("units of {} GPUs on {}, which has {}", counts.first, name, counts.second),
                     "use fewer units, or a cluster with more nodes: {\"base\": ..., \"num_nodes\": ...}"});
  }
}

void check_failures(const ServingInputs& inputs, std::vector<PlanError::Violation>& found) {
  for (std::size_t i = 0; i < inputs.scenario.failures.size(); ++i) {
    const NodeFailure& failure = inputs.scenario.failures[i];
    const PoolSpec& pool = inputs.scenario.deployment.at(failure.pool);
    if (pool.scaling.policy != ScalingPolicy::fixed || failure.unit < pool.units) continue;
    found.push_back({fmt::format("/failures/{}/unit", i),
                     fmt::format("the pool \"{}\" has {} units", failure.pool, pool.units),
                     "units are counted from 0"});
  }
}

/// Requests of a closed loop for each one in flight, where a scenario names no end: a start with a burst of
/// prompts and nine rounds.
constexpr std::int64_t kRequestsPerConcurrency = 10;

void settle_end(WorkloadSpec& workload) {
  if (workload.concurrency && !workload.requests && !workload.duration && !workload.trace)
    workload.requests = kRequestsPerConcurrency * *workload.concurrency;
}

/// More attention ranks than these gather tokens that an all-to-all would not send (assumed: the NVLink
/// domains of 8 GPUs that the tables of such stacks were measured in).
constexpr int kFewRanks = 8;

void warn_of_gathering(const PoolInputs& pool, std::vector<std::string>& warnings) {
  const auto& policy = pool.stack->serving;
  if (!policy || pool.spec.layout.ep == 1 || pool.spec.layout.attention_ranks() <= kFewRanks) return;
  const ServingPhasePolicy& phase = pool.spec.role == PoolRole::prefill ? policy->prefill : policy->decode;
  if (phase.transfer != ExpertTransfer::all_gather && phase.transfer != ExpertTransfer::all_reduce) return;
  warnings.push_back(
      fmt::format("pool {}: stack {} gathers the tokens of all {} attention ranks; an all-to-all over NVLink "
                  "would send each to its experts alone and is not modelled there",
                  pool.name, pool.stack->name, pool.spec.layout.attention_ranks()));
}

void warn_of_roles(const ServingInputs& inputs, std::vector<std::string>& warnings) {
  const auto has = [&](PoolRole role) {
    return std::ranges::any_of(inputs.pools, [&](const auto& pool) { return pool->spec.role == role; });
  };
  if (has(PoolRole::colocated) || has(PoolRole::prefill) == has(PoolRole::decode)) return;
  warnings.emplace_back(has(PoolRole::decode)
                            ? "no pool computes prompts: requests come with the KV cache of their prompt"
                            : "no pool generates: requests end with their first token");
}

std::vector<std::string> warnings_of(const ServingInputs& inputs) {
  std::vector<std::string> warnings;
  warn_of_roles(inputs, warnings);
  for (const auto& pool : inputs.pools) {
    for (const std::string& warning : pool->profile->warnings()) warnings.push_back(warning);
    warn_of_gathering(*pool, warnings);
    if (pool->cluster.gpu != pool->profile->name()) {
      warnings.push_back(fmt::format("pool {}: the cluster's GPU is {}, the calibration's is {}", pool->name,
                                     pool->cluster.gpu, pool->profile->name()));
    }
  }
  if (inputs.scenario.experts.mode == ExpertLoadMode::balanced && inputs.model.num_experts > 0) {
    warnings.emplace_back("experts are balanced by force: real routing costs more");
  }
  return warnings;
}

}  // namespace

UnitMemory memory_of(const ModelSpec& model, const PoolInputs& pool) {
  const MemoryShare share{pool.constant_or("memory_fraction", kAssumedShare.fraction),
                          pool.constant_or("graph_memory", kAssumedShare.graph_bytes)};
  return unit_memory(model, pool.cluster, pool.spec, share);
}

ServingPlan plan_serving(const ServingScenario& scenario, const std::string& file,
                         const SourceSet& excluded) {
  ServingPlan plan;
  plan.inputs = std::make_unique<ServingInputs>();
  ServingInputs& inputs = *plan.inputs;
  inputs.scenario = scenario;
  settle_end(inputs.scenario.workload);
  inputs.file = file;
  inputs.model = load_model(scenario.model, file, "/model");
  Loaded loaded(file, excluded);
  for (const auto& [name, spec] : scenario.deployment) {
    inputs.pools.push_back(load_pool(inputs, name, spec, loaded));
    const PoolInputs& pool = *inputs.pools.back();
    const std::string pointer = "/deployment/" + name;
    for (auto& violation : find_violations(inputs.model, pool.cluster, spec, pointer))
      plan.violations.push_back(std::move(violation));
    for (auto& violation : find_memory_violations(pool.memory, spec, pointer))
      plan.violations.push_back(std::move(violation));
  }
  check_room(inputs, plan.violations);
  check_failures(inputs, plan.violations);
  inputs.warnings = warnings_of(inputs);
  return plan;
}

std::unique_ptr<ServingInputs> load_serving(const ServingScenario& scenario, const std::string& file,
                                            const SourceSet& excluded) {
  ServingPlan plan = plan_serving(scenario, file, excluded);
  if (!plan.violations.empty()) throw PlanError(std::move(plan.violations));
  for (const auto& pool : plan.inputs->pools) {
    const BatchMode mode = pool->spec.role == PoolRole::prefill ? BatchMode::training : BatchMode::decode;
    pool->experts = make_expert_loads(plan.inputs->model, pool->spec.layout, scenario.experts,
                                      pool->cluster.gpus_per_node, scenario.seed, mode);
    pool->rebalance = rebalance_of(plan.inputs->model, pool->spec.layout, scenario.experts, pool->cluster,
                                   pool->spec.precision, scenario.seed, mode);
    pool->costs = make_step_costs(plan.inputs->cost_input(*pool));
  }
  return std::move(plan.inputs);
}

}  // namespace moesim
