#include "sim/planner/capacity/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/planner/capacity/capacity_json.hpp"
#include "sim/runner/result_document.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "sim/serving/serving_summary.hpp"

namespace moesim {
namespace {

/// Alternatives that are sized, at most: each takes as many simulations as a capacity without any.
constexpr std::uint64_t kMostVariants = 256;

/// One alternative and its fleets.
struct Variant {
  Json changes;
  Json fault;  ///< null, or why it was not sized: {what, hint}
  std::unique_ptr<ServingInputs> inputs;
  std::unique_ptr<FleetSizer> sizer;
  SizedFleet smallest;
  SizedFleet cheapest;
  bool one_price = false;  ///< of all GPUs, so that the two fleets are one
};

bool proportional(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr double kHair = 1e-9;
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (std::abs(a[i] * b[0] - a[0] * b[i]) > kHair * std::abs(a[0] * b[i])) return false;
  }
  return true;
}

std::vector<SloTarget> slo_of(const SloSpec& stated) {
  std::vector<SloTarget> slo;
  const auto add = [&](SloFigure figure, const std::optional<Seconds>& limit) {
    if (limit) slo.push_back({figure, limit->value()});
  };
  add(SloFigure::ttft, stated.ttft);
  add(SloFigure::tpot, stated.tpot);
  add(SloFigure::e2e, stated.e2e);
  return slo;
}

void size_variant(Variant& variant, const SizingOptions& options) {
  variant.sizer = std::make_unique<FleetSizer>(*variant.inputs, options);
  FleetSizer& sizer = *variant.sizer;
  const std::vector<double> gpus = sizer.gpus_per_unit();
  const std::vector<double> dollars = sizer.dollars_per_unit_s();
  const bool priced = std::ranges::all_of(dollars, [](double price) { return price > 0; });
  variant.smallest = sizer.size(gpus);
  variant.one_price = !priced || proportional(gpus, dollars);
  variant.cheapest = variant.one_price ? variant.smallest : sizer.size(dollars);
  sizer.forget_inputs();
}

ServingScenario read_variant(const Json& scenario, const std::string& file, const CapacityOptions& options) {
  auto read = read_spec<ServingScenario>(scenario, file);
  if (options.seed) read.seed = *options.seed;
  return read;
}

/// Loads and sizes. With alternatives a fault of one is kept; of a single scenario it is thrown.
Variant make_variant(const Json& scenario, const std::string& file, const Json& changes,
                     const CapacityOptions& options) {
  Variant variant;
  variant.changes = changes;
  try {
    variant.inputs = load_serving(read_variant(scenario, file, options), file, options.excluded_sources);
    size_variant(variant, options.sizing);
  } catch (const PlanError& error) {
    if (changes.empty()) throw;
    variant.fault = {{"what", error.what()}, {"hint", ""}};
  } catch (const LocatedError& error) {
    if (changes.empty()) throw;
    variant.fault = {{"what", error.what_text}, {"hint", error.hint}};
  }
  return variant;
}

/// The variant with the least value; of equal ones the first.
template <class Value>
const Variant& least(const std::vector<Variant>& variants, const Value& value) {
  const Variant* best = nullptr;
  for (const Variant& variant : variants) {
    if (variant.fault.is_null() && (best == nullptr || value(variant) < value(*best))) best = &variant;
  }
  return *best;
}

double gpus_of(const Variant& variant) {
  return fleet_json(*variant.inputs, variant.smallest.sizes.p90)["gpus"].get<double>();
}
double dollars_of(const Variant& variant) {
  return fleet_json(*variant.inputs, variant.cheapest.sizes.p90)["cost_usd_per_day"].get<double>();
}

Json chosen_json(const Variant& variant, const SizedFleet& fleet, const std::vector<SloTarget>& slo) {
  Json json{{"changes", variant.changes}};
  json.update(sized_json(*variant.inputs, slo, fleet));
  return json;
}

Json variant_json(const Variant& variant) {
  Json json{{"changes", variant.changes}};
  if (!variant.fault.is_null()) {
    json["invalid"] = variant.fault;
    return json;
  }
  const ServingInputs& inputs = *variant.inputs;
  json["smallest"] = fleet_json(inputs, variant.smallest.sizes.p90);
  json["cheapest"] = fleet_json(inputs, variant.cheapest.sizes.p90);
  json["num_simulations"] = variant.sizer->num_simulations();
  json["trials"] = trials_json(inputs, variant.sizer->trials());
  json["draw_trials"] = draw_trials_json(inputs, variant.sizer->draw_trials());
  return json;
}

std::string names_of(const ServingInputs& inputs) {
  std::vector<std::string> names;
  for (const auto& pool : inputs.pools) {
    if (std::ranges::find(names, pool->cluster.name) == names.end()) names.push_back(pool->cluster.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

ResultHeader header_of(const Variant& smallest, const std::vector<Variant>& variants) {
  const ServingInputs& inputs = *smallest.inputs;
  const Json fleet = fleet_json(inputs, smallest.smallest.sizes.p90);
  ResultHeader header;
  header.kind = "capacity";
  header.seed = inputs.scenario.seed;
  header.model = inputs.model.name;
  header.cluster = names_of(inputs);
  header.num_gpus = fleet["gpus"];
  header.num_nodes = std::max(1, static_cast<int>(std::lround(fleet["nodes"].get<double>())));
  header.engine = "serving fleet";
  header.num_simulated_gpus = header.num_gpus;
  for (const Variant& variant : variants) {
    if (variant.sizer) header.num_operations += variant.sizer->num_operations();
  }
  header.warnings = inputs.warnings;
  const auto& played = smallest.smallest.trial.fleet.warnings;
  header.warnings.insert(header.warnings.end(), played.begin(), played.end());
  const bool scales = std::ranges::any_of(
      inputs.pools, [](const auto& pool) { return pool->spec.scaling.policy != ScalingPolicy::fixed; });
  if (scales) header.warnings.emplace_back("pools are sized for the whole time: their scaling is left out");
  return header;
}

Json summary_of(const std::vector<Variant>& variants, const CapacityOptions& options,
                const std::vector<SloTarget>& slo) {
  const Variant& smallest = least(variants, gpus_of);
  const Variant& cheapest = least(variants, dollars_of);
  std::int64_t simulations = 0;
  for (const Variant& variant : variants) {
    if (variant.sizer) simulations += variant.sizer->num_simulations();
  }
  Json summary{{"slo", slo_json(slo)}};
  summary["num_draws"] = options.sizing.num_draws;
  summary["num_drawn_inputs"] = smallest.sizer->num_drawn_inputs();
  summary["num_simulations"] = simulations;
  summary["smallest"] = chosen_json(smallest, smallest.smallest, slo);
  summary["cheapest"] = chosen_json(cheapest, cheapest.cheapest, slo);
  summary["cheapest_is_smallest"] =
      &smallest == &cheapest && smallest.smallest.sizes.p90 == cheapest.cheapest.sizes.p90;
  summary["one_price"] = std::ranges::all_of(
      variants, [](const Variant& variant) { return variant.fault.is_object() || variant.one_price; });
  summary["variants"] = Json::array();
  for (const Variant& variant : variants) summary["variants"].push_back(variant_json(variant));
  return summary;
}

/// Every alternative failed: each with its reason.
[[noreturn]] void refuse_all(const std::vector<Variant>& variants, const std::string& file) {
  std::string reasons;
  for (const Variant& variant : variants)
    reasons += fmt::format("; {}: {}", variant.changes.dump(), variant.fault["what"].get<std::string>());
  throw SpecError(file, "",
                  fmt::format("none of the {} alternatives holds the SLO{}", variants.size(), reasons), "");
}

CapacityOptions completed(const Json& scenario, const std::string& file, const CapacityOptions& options) {
  CapacityOptions complete = options;
  const ScenarioKind& kind = kind_of(scenario, file);
  if (kind.name != "serving") {
    throw SpecError(file, "/kind",
                    fmt::format("a scenario of kind \"{}\" has no requests to hold", kind.name),
                    "give a scenario of kind \"serving\"");
  }
  Json schema;
  write_schema(kind.spec(), schema);
  for (const Axis& axis : options.axes) check_axis(axis, scenario, schema, "--vary");
  if (num_points(options.axes) > kMostVariants) {
    throw SpecError("--vary", "", fmt::format("{} alternatives", num_points(options.axes)),
                    fmt::format("at most {}", kMostVariants));
  }
  if (complete.sizing.slo.empty()) {
    complete.sizing.slo = slo_of(read_spec<ServingScenario>(scenario, file).slo);
    check_slo(complete.sizing.slo, file);
  }
  if (complete.sizing.slo.empty()) {
    throw SpecError(file, "/slo", "no SLO is asked for", "--slo ttft=2s@p99,tpot=50ms@p99");
  }
  return complete;
}

}  // namespace

Json find_capacity(const Json& scenario, const std::string& file, const CapacityOptions& asked) {
  const CapacityOptions options = completed(scenario, file, asked);
  std::vector<Variant> variants;
  for (std::uint64_t i = 0; i < num_points(options.axes); ++i) {
    const std::vector<std::size_t> point = point_at(options.axes, i);
    variants.push_back(make_variant(scenario_at(scenario, file, options.axes, point), file,
                                    changes_at(options.axes, point), options));
  }
  if (std::ranges::none_of(variants, [](const Variant& variant) { return variant.fault.is_null(); }))
    refuse_all(variants, file);
  const Variant& smallest = least(variants, gpus_of);
  const ServingInputs& inputs = *smallest.inputs;
  const ServingResult played{smallest.smallest.trial.fleet, RequestStatistics(inputs.scenario.slo, nullptr),
                             0};
  Json document = result_document(header_of(smallest, variants), write_spec(inputs.scenario),
                                  serving_provenance(inputs, played));
  document["summary"] = summary_of(variants, options, options.sizing.slo);
  require_finite(document);
  return document;
}

}  // namespace moesim
