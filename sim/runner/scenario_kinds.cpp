#include "sim/runner/scenario_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/results/store.hpp"
#include "sim/runner/result_document.hpp"
#include "sim/runner/routing_kind.hpp"
#include "sim/runner/serving_kind.hpp"
#include "sim/runner/training_kind.hpp"
#include "sim/serving/fleet/request_spans.hpp"

namespace moesim {
namespace {

constexpr std::array kKinds{
    ScenarioKind{"training", "one optimizer step of pre-training", &training_spec, &complete_training,
                 &run_training, &plan_training, &sensitivity_of_training, &span_names, "step_time_s", true,
                 false, true},
    ScenarioKind{"routing", "expert load of MoE layers through many steps", &routing_spec, &complete_routing,
                 &run_routing, &plan_routing, &sensitivity_of_routing, &span_names, "max_violation_batch",
                 false},
    ScenarioKind{"serving", "requests served by a fleet", &serving_spec, &complete_serving, &run_serving,
                 &plan_serving, &sensitivity_of_serving, &request_span_names, "output_tokens_per_s_per_node",
                 true, true, true},
};

}  // namespace

std::span<const ScenarioKind> scenario_kinds() {
  return kKinds;
}

const ScenarioKind& kind_of(const Json& scenario, const std::string& file) {
  std::vector<std::string> names;
  for (const ScenarioKind& kind : kKinds) names.emplace_back(kind.name);
  const std::string known = fmt::format("{}", fmt::join(names, ", "));
  if (!scenario.is_object() || !scenario.contains("kind")) {
    throw SpecError(file, "", "no scenario: the key \"kind\" is missing", "kinds: " + known);
  }
  const Json& name = scenario["kind"];
  if (!name.is_string()) throw SpecError(file, "/kind", "not a text", "kinds: " + known);
  for (const ScenarioKind& kind : kKinds) {
    if (kind.name == name.get_ref<const std::string&>()) return kind;
  }
  const std::string near = nearest(name.get<std::string>(), std::span<const std::string>(names));
  throw SpecError(file, "/kind", fmt::format("no kind \"{}\"", name.get<std::string>()),
                  near.empty() ? "kinds: " + known : fmt::format("did you mean \"{}\"?", near));
}

Json run_scenario(const Json& scenario, const std::string& file, const RunOptions& options,
                  RecordSink& sink) {
  const ScenarioKind& kind = kind_of(scenario, file);
  if (options.requests != nullptr && !kind.has_requests) {
    throw SpecError(file, "/kind", fmt::format("a scenario of kind \"{}\" serves no requests", kind.name),
                    "leave --requests out");
  }
  Json result = kind.run(scenario, file, options, sink);
  require_finite(result);
  warn_of_unknown_figures(result);
  return result;
}

Json plan_scenario(const Json& scenario, const std::string& file, const RunOptions& options) {
  return kind_of(scenario, file).plan(scenario, file, options);
}

Json scenario_sensitivity(const Json& scenario, const std::string& file, const RunOptions& options,
                          const std::string& figure) {
  const ScenarioKind& kind = kind_of(scenario, file);
  Json document{{"schema_version", kSchemaVersion},
                {"kind", "sensitivity"},
                {"scenario", kind.complete(scenario, file)},
                {"moesim_version", MOESIM_VERSION}};
  if (options.seed) document["scenario"]["seed"] = *options.seed;
  document.update(
      kind.sensitivity(scenario, file, options, figure.empty() ? std::string(kind.main_figure) : figure));
  require_finite(document);
  return document;
}

}  // namespace moesim
