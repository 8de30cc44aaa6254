#include "sim/training/training_inputs.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/cluster/cluster_spec.hpp"
#include "sim/load/token_spread.hpp"
#include "sim/training/layer_work.hpp"

namespace moesim {
namespace {

/// SimGrid's time per operation grows with the activities alive: 1024 GPUs take half a minute
/// (docs/engines.md).
constexpr int kMostSimgridGpus = 1024;

/// A catalog name as it is, a path relative to the folder of `file`.
std::string resolved(const std::string& name_or_path, const std::string& file) {
  if (!name_or_path.ends_with(".json")) return name_or_path;
  return (std::filesystem::path(file).parent_path() / name_or_path).string();
}

/// What `key` of the scenario names, by `load`. A name that is not shipped is a fault at that key.
template <class Load>
auto load_named(const std::string& name, const std::string& file, const char* key, const Load& load) {
  try {
    return load(resolved(name, file));
  } catch (const CalibrationError& error) {
    if (error.file != name || name.ends_with(".json")) throw;
    throw CalibrationError(file, key, fmt::format("{} \"{}\"", error.what_text, name), error.hint);
  }
}

/// What the layout asks for and the replay does not do (docs/limits.md).
std::vector<PlanError::Violation> find_unmodelled(const Layout& layout) {
  std::vector<PlanError::Violation> found;
  const auto refuse = [&](const char* key, int value, int limit, const char* what) {
    if (value > limit)
      found.push_back({fmt::format("/layout/{}", key), fmt::format("{} is not modelled", what),
                       fmt::format("use {} {}", key, limit)});
  };
  refuse("tp", layout.tp, 1, "the time of tensor-parallel collectives");
  refuse("cp", layout.cp, 1, "the time of context-parallel exchanges");
  refuse("etp", layout.etp, 1, "the time of expert-tensor-parallel collectives");
  refuse("zero", layout.zero, 1, "the time of sharded gradients and weights (ZeRO 2 and 3)");
  return found;
}

/// The same of the whole scenario.
std::vector<PlanError::Violation> find_unmodelled(const TrainingScenario& scenario,
                                                  const ClusterSpec& cluster, const Stack& stack) {
  const Layout& layout = scenario.layout;
  std::vector<PlanError::Violation> found = find_unmodelled(layout);
  const AllToAll& all_to_all = stack.all_to_all;
  if (all_to_all.backend != AllToAllBackend::deepep_normal && layout.ep > 1) {
    found.push_back(
        {"/stack", fmt::format("a training all-to-all by {} is not modelled", enum_name(all_to_all.backend)),
         "use a stack whose backend is deepep_normal"});
  }
  const DataParallelPolicy& data = stack.data_parallel;
  if (data.num_buckets > 1 || data.overlap_reduce || data.overlap_gather) {
    found.push_back({"/stack", "data-parallel collectives beside computation are not modelled",
                     "use a stack with one bucket and no overlap"});
  }
  const bool every = scenario.gpus == GpuDetail::every;
  if (every && scenario.engine == EngineKind::simgrid && cluster.num_gpus() > kMostSimgridGpus) {
    found.push_back({"/engine", fmt::format("simgrid takes hours for each of {} GPUs", cluster.num_gpus()),
                     "use \"replay\", which gives the same result, or representative GPUs"});
  }
  return found;
}

/// The plan with stages balanced by FLOPs and without a look at memory. Throws PlanError with every other
/// violation, those of the replay included.
Plan first_plan(const TrainingScenario& scenario, const PlanInput& input, const Stack& stack) {
  std::vector<PlanError::Violation> unmodelled = find_unmodelled(scenario, input.cluster, stack);
  try {
    Plan plan = make_plan_ignoring_memory(input);
    if (unmodelled.empty()) return plan;
  } catch (const PlanError& error) {
    unmodelled.insert(unmodelled.begin(), error.violations.begin(), error.violations.end());
  }
  throw PlanError(std::move(unmodelled));
}

std::vector<std::string> warnings_of(const TrainingInputs& inputs) {
  std::vector<std::string> warnings = inputs.plan.warnings;
  const auto& from_profile = inputs.profile.warnings();
  warnings.insert(warnings.end(), from_profile.begin(), from_profile.end());
  if (inputs.scenario.routing.mode == RoutingMode::balanced && inputs.model().num_experts > 0) {
    warnings.emplace_back("routing is balanced: real routing costs more");
  }
  if (inputs.cluster().gpu != inputs.profile.name()) {
    warnings.push_back(fmt::format("the cluster's GPU is {}, the calibration's is {}", inputs.cluster().gpu,
                                   inputs.profile.name()));
  }
  return warnings;
}

}  // namespace

PlanInput plan_input_of(const TrainingScenario& scenario, const std::string& file) {
  PlanInput input;
  input.model = load_model(scenario.model, file, "/model");
  input.cluster = load_cluster(parse_json(scenario.cluster.text, file), file);
  input.layout = scenario.layout;
  input.recipe = scenario.recipe;
  input.is_modelled = [](const Layout& layout) { return find_unmodelled(layout).empty(); };
  return input;
}

TrainingInputs load_training(const TrainingScenario& scenario, const std::string& file,
                             const SourceSet& excluded, MemoryCheck memory) {
  CalibrationProfile profile = load_named(scenario.calibration, file, "/calibration",
                                          [&](const auto& name) { return load_profile(name, excluded); });
  Stack stack = load_named(scenario.stack, file, "/stack", [](const auto& name) { return load_stack(name); });
  PlanInput input = plan_input_of(scenario, file);
  return make_training(scenario, std::move(input), std::move(profile), std::move(stack), memory);
}

TrainingInputs make_training(const TrainingScenario& scenario, PlanInput input, CalibrationProfile profile,
                             Stack stack, MemoryCheck memory) {
  input.memory_reserve = Bytes(stack.value("memory_reserve", profile.excluded()));
  TrainingInputs inputs{
      scenario, first_plan(scenario, input, stack), std::move(profile), std::move(stack), {}};
  // Stages are balanced by the times of this calibration, which needs a layout without violations.
  input.layer_times = layer_times_by_calibration(inputs);
  inputs.plan = memory == MemoryCheck::required ? make_plan(input) : make_plan_ignoring_memory(input);
  inputs.warnings = warnings_of(inputs);
  return inputs;
}

RoutedLoad routed_load(const TrainingInputs& inputs, const RoutingChoice& routing) {
  const ModelSpec& model = inputs.model();
  const GroupSpan span = inputs.plan.groups.span(GroupKind::expert, inputs.cluster().gpus_per_node);
  const RoutingGroup group{{model.num_experts, model.top_k, model.num_groups, model.topk_groups},
                           inputs.layout().ep,
                           span.num_nodes};
  if (routing.mode == RoutingMode::balanced) return make_balanced_router()->route(group);
  return make_stated_router(routing.rank_max_over_mean, routing.node_max_over_mean)->route(group);
}

}  // namespace moesim
