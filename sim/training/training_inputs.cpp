#include "sim/training/training_inputs.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/cluster/cluster_spec.hpp"
#include "sim/load/token_spread.hpp"
#include "sim/training/batch_run.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/rule_warnings.hpp"
#include "sim/training/unmodelled.hpp"

namespace moesim {
namespace {

/// SMs with which the published transfers were timed (DeepSeek-V3 report; DeepEP readme: 20 to 24).
constexpr int kMeasuredSms = 20;

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

Stack stack_of(const TrainingScenario& scenario, const std::string& file) {
  return load_named(scenario.stack, file, "/stack", [](const auto& name) { return load_stack(name); });
}

/// The reserve is the stack's. Formats that the recipe leaves open are the stack's; the ones it names are the
/// stack's from here on. Where linears are BF16 so are dispatched rows, which nothing quantises.
void settle(PlanInput& input, Stack& stack, const SourceSet& excluded) {
  input.memory_reserve = Bytes(stack.value("memory_reserve", excluded));
  const DataParallelPolicy& data = stack.data_parallel;
  input.sharding = {data.reshard_after_forward, data.reduce_every_microbatch, data.prefetch_layers};
  if (input.recipe.precision == TrainingPrecision::bf16)
    stack.all_to_all.dispatch_format = NumberFormat::bf16;
  const auto settle_format = [](std::optional<StorageFormat>& stored, NumberFormat& format) {
    if (stored) {
      format = *stored == StorageFormat::fp32 ? NumberFormat::fp32 : NumberFormat::bf16;
    } else {
      stored = format == NumberFormat::fp32 ? StorageFormat::fp32 : StorageFormat::bf16;
    }
  };
  settle_format(input.recipe.memory.gradients, stack.gradient_type);
  settle_format(input.recipe.memory.moments, stack.moment_type);
}

/// The plan with stages balanced by FLOPs and without a look at memory. Throws PlanError with every other
/// violation, those of the replay included.
Plan first_plan(const TrainingScenario& scenario, const PlanInput& input, const CalibrationProfile& profile,
                const Stack& stack) {
  std::vector<PlanError::Violation> unmodelled = find_unmodelled(scenario, input.cluster, stack);
  if (input.recipe.precision == TrainingPrecision::mxfp8 && !profile.gpu().peak_mxfp8) {
    unmodelled.push_back(
        {"/recipe/precision",
         fmt::format("{} multiplies no MXFP8, which came with Blackwell", profile.gpu().name),
         "use \"fp8\", or a calibration with gpu.peak_mxfp8"});
  }
  try {
    Plan plan = make_plan_without_memory(input);
    if (unmodelled.empty()) return plan;
  } catch (const PlanError& error) {
    unmodelled.insert(unmodelled.begin(), error.violations.begin(), error.violations.end());
  }
  throw PlanError(std::move(unmodelled));
}

RoutingGroup group_of(const Plan& plan) {
  const ModelSpec& model = plan.input.model;
  const GroupSpan span = plan.groups.span(GroupKind::expert, plan.input.cluster.gpus_per_node);
  const ExpertSpread spread{model.num_experts, model.top_k, model.num_groups, model.topk_groups,
                            model.group_score};
  return model.num_experts == 0 ? RoutingGroup{}
                                : routing_group(spread, plan.input.layout.ep, span.num_nodes);
}

std::vector<std::string> warnings_of(const TrainingInputs& inputs) {
  std::vector<std::string> warnings = inputs.plan.warnings;
  const auto& from_profile = inputs.profile->warnings();
  warnings.insert(warnings.end(), from_profile.begin(), from_profile.end());
  for (const std::string& warning : routing_warnings(inputs)) warnings.push_back(warning);
  for (const std::string& warning : rule_warnings(inputs)) warnings.push_back(warning);
  if (inputs.recipe().capacity_factor) {
    constexpr double kShownPercent = 0.05;  // less is 0.0 %
    const double dropped_percent = 100 * routed_load(inputs, inputs.scenario.routing).dropped_fraction;
    if (dropped_percent >= kShownPercent)
      warnings.push_back(fmt::format(
          "at least {:.1f} % of the tokens' expert choices are dropped: experts of a rank count as alike",
          dropped_percent));
  }
  const AllToAll& all_to_all = inputs.stack.all_to_all;
  const int num_sms = all_to_all.num_sms;
  if (all_to_all.backend != AllToAllBackend::nccl && num_sms < kMeasuredSms && inputs.layout().ep > 1) {
    warnings.push_back(fmt::format(
        "transfers keep the bandwidth of {} SMs with {}: fewer SMs are slower, by how much is not known",
        kMeasuredSms, num_sms));
  }
  if (inputs.cluster().gpu != inputs.profile->name()) {
    warnings.push_back(fmt::format("the cluster's GPU is {}, the calibration's is {}", inputs.cluster().gpu,
                                   inputs.profile->name()));
  }
  return warnings;
}

/// Balances the stages by the times of the calibration, which needs a plan; by FLOPs where only that fits.
void balance_by_time(TrainingInputs& inputs) {
  const Plan by_flops = inputs.plan;
  balance_by(inputs.plan, layer_times_by_calibration(inputs));
  inputs.plan.memory = memory_of(inputs.plan);
  if (inputs.plan.memory.fits() || inputs.plan.stages == by_flops.stages) return;
  MemoryPlan memory = memory_of(by_flops);
  if (!memory.fits()) return;
  inputs.plan = by_flops;
  inputs.plan.memory = std::move(memory);
  inputs.warnings.emplace_back("stages are balanced by FLOPs: balanced by time they exceed the GPU's memory");
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

PlanInput load_plan_input(const TrainingScenario& scenario, const std::string& file,
                          const SourceSet& excluded) {
  PlanInput input = plan_input_of(scenario, file);
  Stack stack = stack_of(scenario, file);
  settle(input, stack, excluded);
  return input;
}

TrainingParts load_training_parts(const TrainingScenario& scenario, const std::string& file,
                                  const SourceSet& excluded) {
  TrainingParts parts{scenario, plan_input_of(scenario, file),
                      load_named(scenario.calibration, file, "/calibration",
                                 [&](const auto& name) { return load_profile(name, excluded); }),
                      stack_of(scenario, file)};
  if (parts.scenario.routing.recorded) {
    for (std::optional<std::string>* recording :
         {&parts.scenario.routing.recorded->ids, &parts.scenario.routing.recorded->counts})
      if (*recording) *recording = (std::filesystem::path(file).parent_path() / **recording).string();
  }
  return parts;
}

TrainingInputs load_training(const TrainingScenario& scenario, const std::string& file,
                             const SourceSet& excluded, MemoryCheck memory) {
  TrainingParts parts = load_training_parts(scenario, file, excluded);
  return make_training(parts.scenario, std::move(parts.input), std::move(parts.profile),
                       std::move(parts.stack), memory);
}

TrainingInputs make_training(const TrainingScenario& scenario, PlanInput input, SharedProfile profile,
                             Stack stack, MemoryCheck memory, std::shared_ptr<KnownWork> known_work) {
  settle(input, stack, profile->excluded());
  TrainingInputs inputs{scenario,
                        first_plan(scenario, input, profile, stack),
                        std::move(profile),
                        std::move(stack),
                        {},
                        {},
                        {},
                        std::move(known_work)};
  inputs.group = group_of(inputs.plan);
  inputs.routed = simulate_routing(inputs, scenario.routing);
  inputs.warnings = warnings_of(inputs);
  balance_by_time(inputs);
  if (inputs.recipe().batch_schedule) batch_levels(inputs);  // throws for what does not run
  if (memory == MemoryCheck::required && !inputs.plan.memory.fits()) make_plan(inputs.plan.input);
  return inputs;
}

}  // namespace moesim
