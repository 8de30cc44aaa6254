#include "sim/runner/training_kind.hpp"

#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "sim/runner/result_document.hpp"
#include "sim/runner/run_parts.hpp"
#include "sim/runner/variable_scenario.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"
#include "sim/training/variation.hpp"
#include "sim/training/waterfall.hpp"

namespace moesim {
namespace {

TrainingScenario read_training(const Json& scenario, const std::string& file, const RunOptions& options) {
  auto read = read_spec<TrainingScenario>(scenario, file);
  if (options.seed) read.seed = *options.seed;
  return read;
}

Json result_of(const TrainingInputs& inputs, const TrainingStep& step) {
  ResultHeader header;
  header.kind = inputs.scenario.kind;
  header.seed = inputs.scenario.seed;
  header.model = inputs.model().name;
  header.cluster = inputs.cluster().name;
  header.num_gpus = inputs.cluster().num_gpus();
  header.num_nodes = inputs.cluster().num_nodes;
  header.engine = std::string(make_engine(inputs.scenario.engine)->name());
  header.num_simulated_gpus = static_cast<std::int64_t>(step.input.gpus.size());
  header.num_operations = step.result.num_operations;
  header.warnings = inputs.warnings;
  Json result = result_document(header, write_spec(inputs.scenario), provenance_json(step.step, step.input));
  result["summary"] = whole_summary(inputs, step);
  return result;
}

/// The plan of a layout that cannot be run: stages, groups and memory where it can be laid out, else only
/// what forbids it.
Json plan_unsimulated(const PlanInput& input, std::vector<PlanError::Violation> found) {
  try {
    Json document = plan_json(make_plan_ignoring_memory(input));
    document["warnings"].push_back("not simulated: stages are balanced by FLOPs, times are not known");
    for (auto& violation : find_violations(input)) found.push_back(std::move(violation));
    document["violations"] = violations_json(found);
    return document;
  } catch (const PlanError&) {
    return {{"violations", violations_json(found)}};
  }
}

VariableScenario variable(const TrainingInputs& inputs) {
  return {varied_inputs(inputs), "replay, representative GPUs", [&inputs](const InputValues& values) {
            return representative_summary(with_values(inputs, values));
          }};
}

}  // namespace

const SpecDescription& training_spec() {
  return description_of<TrainingScenario>();
}

Json complete_training(const Json& scenario, const std::string& file) {
  return write_spec(read_spec<TrainingScenario>(scenario, file));
}

Json run_training(const Json& scenario, const std::string& file, const RunOptions& options,
                  RecordSink& sink) {
  RunParts parts(options);
  parts.begin(0, "plan");
  const TrainingInputs inputs =
      load_training(read_training(scenario, file, options), file, options.excluded_sources);
  parts.begin(0.05, "replay");
  const double share = options.waterfall || options.uncertainty ? 0.45 : 0.9;
  const auto step = replay_step(inputs, options.threads, sink, [&](double fraction) {
    if (options.progress) options.progress(0.05 + share * fraction, "replay");
  });
  if (options.stats != nullptr) options.stats->num_operations = step->result.num_operations;
  Json result = result_of(inputs, *step);
  if (options.waterfall) {
    parts.begin(0.5, "waterfall");
    result["waterfall"] = training_waterfall(inputs);
  }
  if (options.uncertainty) {
    parts.begin(0.6, "uncertainty");
    result["uncertainty"] = summary_spread(variable(inputs), inputs.scenario.seed, options.threads);
  }
  parts.end();
  if (options.progress) options.progress(1, "done");
  return result;
}

Json sensitivity_of_training(const Json& scenario, const std::string& file, const RunOptions& options,
                             const std::string& figure) {
  const TrainingInputs inputs =
      load_training(read_training(scenario, file, options), file, options.excluded_sources);
  return sensitivity(variable(inputs), figure, options.threads, options.progress);
}

Json plan_training(const Json& scenario, const std::string& file, const RunOptions& options) {
  const TrainingScenario read = read_training(scenario, file, options);
  try {
    const Plan plan = load_training(read, file, options.excluded_sources, MemoryCheck::skipped).plan;
    Json document = plan_json(plan);
    document["violations"] = violations_json(find_violations(plan.input));
    return document;
  } catch (const PlanError& error) {
    return plan_unsimulated(load_plan_input(read, file, options.excluded_sources), error.violations);
  }
}

}  // namespace moesim
