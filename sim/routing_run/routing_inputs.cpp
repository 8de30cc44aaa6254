#include "sim/routing_run/routing_inputs.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "sim/routing_run/recorded_steps.hpp"
#include "sim/routing_run/routing_checks.hpp"

namespace moesim {

PlacementSize RoutingInputs::placement_size(int redundant_experts) const {
  const int ep = scenario.placement.ep;
  return {model.num_experts, model.num_experts + redundant_experts, ep, std::min(ep, cluster.gpus_per_node)};
}

LossShape RoutingInputs::loss_shape() const {
  const int devices = std::max(1, scenario.placement.ep);
  const bool limited = model.num_groups > 1 && model.num_groups == devices;
  const int limit = limited ? model.topk_groups : std::min(devices, model.top_k);
  return {model.num_experts, model.top_k, model.num_experts % devices == 0 ? devices : 1, limit};
}

LayerRoutingSpec RoutingInputs::layer_spec(int layer) const {
  LayerRoutingSpec spec;
  spec.bias = scenario.routing;
  spec.losses = scenario.routing.losses;
  spec.loss_dynamics = losses;
  spec.loss_shape = loss_shape();
  spec.capacity = scenario.routing.capacity;
  spec.reinforcement = scenario.routing.reinforcement;
  spec.tokens = scenario.batch.tokens;
  spec.tokens_per_sequence = scenario.affinity.topics.tokens_per_document;
  spec.seed = scenario.seed;
  spec.layer = layer;
  return spec;
}

std::int64_t RoutingInputs::measured_steps() const {
  return scenario.batch.measured_steps.value_or(std::max<std::int64_t>(1, scenario.batch.steps / 4));
}

std::vector<int> routed_layers(const ModelSpec& model, int count) {
  const int available = model.num_moe_layers();
  const int wanted = count == 0 ? available : std::min(count, available);
  std::vector<int> layers;
  for (int i = 0; i < wanted; ++i) {
    layers.push_back(model.num_dense_layers +
                     static_cast<int>(static_cast<std::int64_t>(i) * available / wanted));
  }
  return layers;
}

namespace {

/// Takes the constants of the scenario's dynamics. A name that is not shipped is a fault of the scenario.
void take_dynamics(RoutingInputs& inputs, const SourceSet& excluded) {
  inputs.affinity = inputs.scenario.affinity;
  if (!inputs.scenario.routing.dynamics) return;
  std::string name = *inputs.scenario.routing.dynamics;
  const bool is_path = name.ends_with(".json");
  if (is_path) name = (std::filesystem::path(inputs.file).parent_path() / name).string();
  try {
    const RouterDynamics dynamics = load_router_dynamics(name);
    inputs.constants = list_constants(dynamics, excluded);
    const auto value = [&](const char* constant) { return dynamics.value(constant, excluded); };
    if (inputs.affinity.drift == 0) inputs.affinity.drift = value("drift");
    inputs.losses = {value("loss_effect"), value("loss_pull"), value("loss_max_step")};
  } catch (const CalibrationError& error) {
    if (is_path || error.file != name) throw;
    throw CalibrationError(inputs.file, "/routing/dynamics", fmt::format("{} \"{}\"", error.what_text, name),
                           error.hint);
  }
}

}  // namespace

RoutingPlan plan_routing(const RoutingScenario& scenario, const std::string& file,
                         const SourceSet& excluded) {
  RoutingPlan plan;
  RoutingInputs& inputs = plan.inputs;
  inputs.scenario = scenario;
  inputs.file = file;
  inputs.model = load_model(scenario.model, file, "/model");
  inputs.cluster = load_cluster(parse_json(scenario.cluster.text, file), file);
  take_dynamics(inputs, excluded);
  plan.violations = routing_violations(inputs);
  if (inputs.model.num_experts == 0 || inputs.model.num_moe_layers() == 0) return plan;
  inputs.gate = gate_of(inputs.model, scenario.routing.flavour);
  inputs.layers = scenario.recorded ? RecordedSteps(inputs).layers()
                                    : routed_layers(inputs.model, scenario.batch.layers.value_or(0));
  inputs.warnings = routing_warnings(inputs);
  return plan;
}

RoutingInputs load_routing(const RoutingScenario& scenario, const std::string& file,
                           const SourceSet& excluded) {
  RoutingPlan plan = plan_routing(scenario, file, excluded);
  if (!plan.violations.empty()) throw PlanError(std::move(plan.violations));
  return std::move(plan.inputs);
}

}  // namespace moesim
