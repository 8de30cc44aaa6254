#include "sim/runner/routing_kind.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "sim/cluster/topology_json.hpp"
#include "sim/routing_run/routing_run.hpp"
#include "sim/runner/result_document.hpp"

namespace moesim {
namespace {

RoutingScenario read_routing(const Json& scenario, const std::string& file, const RunOptions& options) {
  auto read = read_spec<RoutingScenario>(scenario, file);
  if (options.seed) read.seed = *options.seed;
  return read;
}

void refuse_time(const RunOptions& options, const std::string& file) {
  if (options.waterfall) {
    throw SpecError(file, "/kind", "a routing scenario has no step time that a waterfall could split",
                    "leave --waterfall out");
  }
  if (options.uncertainty) {
    throw SpecError(file, "/kind", "nothing uncertain takes part in a routing scenario but its seed",
                    "leave --uncertainty out, or run several --seed");
  }
}

ResultHeader header_of(const RoutingInputs& inputs, const RoutingResult& result) {
  ResultHeader header;
  header.kind = inputs.scenario.kind;
  header.seed = inputs.scenario.seed;
  header.model = inputs.model.name;
  header.cluster = inputs.cluster.name;
  header.num_gpus = inputs.cluster.num_gpus();
  header.num_nodes = inputs.cluster.num_nodes;
  header.engine = "functional router";
  header.num_simulated_gpus = inputs.scenario.placement.ep;
  header.num_operations = result.num_tokens;
  header.warnings = inputs.warnings;
  header.warnings.insert(header.warnings.end(), result.warnings.begin(), result.warnings.end());
  return header;
}

/// The constants of the router's dynamics; empty without.
Json provenance_of(const RoutingInputs& inputs) {
  Json provenance = Json::object();
  for (const ResolvedConstant& constant : inputs.constants) {
    provenance[constant.name] = {{"value", constant.value},
                                 {"unit", constant.unit},
                                 {"provenance", enum_name(constant.provenance)},
                                 {"sources", constant.sources}};
  }
  return provenance;
}

Json placement_json(const RoutingInputs& inputs) {
  const PlacementChoice& placement = inputs.scenario.placement;
  const PlacementSize size = inputs.placement_size(placement.redundant_experts);
  return {{"strategy", enum_name(placement.strategy)},
          {"experts", size.num_experts},
          {"slots", size.num_slots},
          {"slots_per_gpu", size.num_slots / size.num_gpus},
          {"tokens_per_gpu", inputs.scenario.batch.tokens / size.num_gpus},
          {"layers", inputs.layers}};
}

Json plan_document(const RoutingInputs& inputs) {
  const int ep = inputs.scenario.placement.ep;
  const int per_node = std::min(ep, inputs.cluster.gpus_per_node);
  return {{"model", inputs.model.name},
          {"cluster", inputs.cluster.name},
          {"process_groups",
           {{"expert",
             {{"size", ep},
              {"groups", inputs.cluster.num_gpus() / ep},
              {"nodes", ep / per_node},
              {"members_per_node", per_node}}}}},
          {"topology", topology_json(inputs.cluster)},
          {"placement", placement_json(inputs)},
          {"warnings", inputs.warnings}};
}

}  // namespace

const SpecDescription& routing_spec() {
  return description_of<RoutingScenario>();
}

Json complete_routing(const Json& scenario, const std::string& file) {
  return write_spec(read_spec<RoutingScenario>(scenario, file));
}

Json run_routing(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink) {
  refuse_time(options, file);
  const auto start = std::chrono::steady_clock::now();
  const RoutingInputs inputs =
      load_routing(read_routing(scenario, file, options), file, options.excluded_sources);
  RoutingRunOptions run;
  run.threads = options.threads;
  run.progress = [&](double fraction) {
    if (options.progress) options.progress(fraction, "steps");
  };
  const RoutingResult result = run_routing(inputs, run, sink);
  if (options.stats != nullptr) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    options.stats->num_operations = result.num_tokens;
    options.stats->parts_s.emplace_back("steps", elapsed.count());
  }
  Json document =
      result_document(header_of(inputs, result), write_spec(inputs.scenario), provenance_of(inputs));
  document["summary"] = result.account.summary();
  return document;
}

Json plan_routing(const Json& scenario, const std::string& file, const RunOptions& options) {
  const RoutingPlan plan =
      plan_routing(read_routing(scenario, file, options), file, options.excluded_sources);
  Json document = plan.violations.empty() ? plan_document(plan.inputs) : Json::object();
  document["violations"] = violations_json(plan.violations);
  return document;
}

Json sensitivity_of_routing(const Json& /*scenario*/, const std::string& file, const RunOptions& /*options*/,
                            const std::string& /*figure*/) {
  throw SpecError(file, "/kind", "a routing scenario depends on no constant of a calibration or stack",
                  "compare runs of several --seed or --set instead");
}

}  // namespace moesim
