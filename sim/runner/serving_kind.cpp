#include "sim/runner/serving_kind.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "sim/cluster/topology_json.hpp"
#include "sim/runner/result_document.hpp"
#include "sim/runner/run_parts.hpp"
#include "sim/runner/variable_scenario.hpp"
#include "sim/serving/serving_run.hpp"
#include "sim/serving/serving_summary.hpp"
#include "sim/serving/variation.hpp"

namespace moesim {
namespace {

ServingScenario read_serving(const Json& scenario, const std::string& file, const RunOptions& options) {
  auto read = read_spec<ServingScenario>(scenario, file);
  if (options.seed) read.seed = *options.seed;
  return read;
}

/// Names of the clusters of all pools, each once.
std::string cluster_names(const ServingInputs& inputs) {
  std::vector<std::string> names;
  for (const auto& pool : inputs.pools) {
    if (std::ranges::find(names, pool->cluster.name) == names.end()) names.push_back(pool->cluster.name);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// The networks of the clusters of all pools, by name.
Json topologies_json(const ServingInputs& inputs) {
  Json topologies = Json::object();
  for (const auto& pool : inputs.pools) {
    if (!topologies.contains(pool->cluster.name))
      topologies[pool->cluster.name] = topology_json(pool->cluster);
  }
  return topologies;
}

/// GPUs and nodes of the units that a pool has at the start, or at its peak.
void count_gpus(const ServingInputs& inputs, const FleetResult& fleet, ResultHeader& header) {
  double nodes = 0;
  double gpus = 0;
  for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
    nodes += fleet.pools[i].nodes_peak;
    gpus += fleet.pools[i].nodes_peak * inputs.pools[i]->cluster.gpus_per_node;
  }
  header.num_gpus = static_cast<int>(gpus + 0.5);
  header.num_nodes = std::max(1, static_cast<int>(nodes + 0.5));
  header.num_simulated_gpus = header.num_gpus;
}

/// Fleets that grew beyond their clusters.
void warn_of_room(const ServingInputs& inputs, const FleetResult& fleet, std::vector<std::string>& warnings) {
  for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
    const ClusterSpec& cluster = inputs.pools[i]->cluster;
    if (fleet.pools[i].nodes_peak <= cluster.num_nodes) continue;
    warnings.push_back("pool " + inputs.pools[i]->name + " grew beyond the nodes of " + cluster.name);
  }
}

/// Runs of which every request that ended was rejected.
void warn_of_rejections(const RequestStatistics& requests, std::vector<std::string>& warnings) {
  if (requests.rejected == 0 || requests.completed > 0) return;
  warnings.push_back(std::to_string(requests.rejected) + " of " + std::to_string(requests.rejected) +
                     " requests rejected: none fits into the context or the KV cache");
}

Json result_of(const ServingInputs& inputs, const ServingResult& result) {
  ResultHeader header;
  header.kind = inputs.scenario.kind;
  header.seed = inputs.scenario.seed;
  header.model = inputs.model.name;
  header.cluster = cluster_names(inputs);
  header.engine = "serving fleet";
  for (const PoolResult& pool : result.fleet.pools)
    header.num_operations += static_cast<std::uint64_t>(pool.totals.iterations);
  header.warnings = inputs.warnings;
  header.warnings.insert(header.warnings.end(), result.fleet.warnings.begin(), result.fleet.warnings.end());
  count_gpus(inputs, result.fleet, header);
  warn_of_room(inputs, result.fleet, header.warnings);
  warn_of_rejections(result.requests, header.warnings);
  Json document = result_document(header, write_spec(inputs.scenario), serving_provenance(inputs, result));
  document["summary"] = serving_summary(inputs, result);
  return document;
}

VariableScenario variable(const ServingInputs& inputs) {
  return {varied_inputs(inputs), "serving fleet", [&inputs](const InputValues& values) {
            const auto varied = with_values(inputs, values);
            NullSink records;
            return serving_summary(*varied, run_serving(*varied, {}, nullptr, records));
          }};
}

}  // namespace

const SpecDescription& serving_spec() {
  return description_of<ServingScenario>();
}

Json complete_serving(const Json& scenario, const std::string& file) {
  return write_spec(read_spec<ServingScenario>(scenario, file));
}

Json run_serving(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink) {
  RunParts parts(options);
  parts.begin(0, "tables");
  const auto inputs = load_serving(read_serving(scenario, file, options), file, options.excluded_sources);
  parts.begin(0.05, "requests");
  const double share = options.uncertainty ? 0.4 : 0.95;
  FleetOptions fleet;
  fleet.threads = options.threads;
  fleet.progress = [&](double fraction) {
    if (options.progress) options.progress(0.05 + share * fraction, "requests");
  };
  const ServingResult result = run_serving(*inputs, fleet, options.requests, sink);
  Json document = result_of(*inputs, result);
  if (options.stats != nullptr) options.stats->num_operations = document["engine"]["num_operations"];
  if (options.waterfall) document["waterfall"] = serving_waterfall(*inputs, result);
  if (options.uncertainty) {
    parts.begin(0.5, "uncertainty");
    document["uncertainty"] = summary_spread(variable(*inputs), inputs->scenario.seed, options.threads);
  }
  parts.end();
  if (options.progress) options.progress(1, "done");
  return document;
}

Json plan_serving(const Json& scenario, const std::string& file, const RunOptions& options) {
  const ServingPlan plan =
      plan_serving(read_serving(scenario, file, options), file, options.excluded_sources);
  return {{"model", plan.inputs->model.name},
          {"cluster", cluster_names(*plan.inputs)},
          {"topologies", topologies_json(*plan.inputs)},
          {"pools", pool_plans_json(*plan.inputs)},
          {"warnings", plan.inputs->warnings},
          {"violations", violations_json(plan.violations)}};
}

Json sensitivity_of_serving(const Json& scenario, const std::string& file, const RunOptions& options,
                            const std::string& figure) {
  const auto inputs = load_serving(read_serving(scenario, file, options), file, options.excluded_sources);
  return sensitivity(variable(*inputs), figure, options.threads, options.progress);
}

}  // namespace moesim
