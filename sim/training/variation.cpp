#include "sim/training/variation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/training/layer_pair.hpp"
#include "sim/training/number_walk.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {
namespace {

/// A number with what changes it.
struct Variable {
  VariedInput input;
  std::function<void(double)> set;
};

/// A part of the inputs as a document whose numbers can be changed.
struct Part {
  Json document;
  bool changed = false;
};

/// Inputs taken apart, so that their numbers can be changed.
class Parts {
 public:
  explicit Parts(const TrainingInputs& inputs) : copy_(inputs), profile_file_(inputs.profile.file()) {
    // The entries in use, so that no draw makes another of two that time one point the better one.
    profile_file_.entries = inputs.profile.entries();
    add_constants(copy_.stack.constants, copy_.stack.name);
    add_constants(profile_file_.constants, profile_file_.name);
    add_entries();
    const ClusterSpec& cluster = copy_.cluster();
    add_numbers(cluster, "cluster", cluster.name, cluster_);
    add_numbers(copy_.recipe(), "recipe", "scenario", recipe_);
    RoutingChoice& routing = copy_.scenario.routing;
    if (routing.mode == RoutingMode::stated) add_numbers(routing, "routing", "scenario", routing_);
    if (routing.affinity) add_numbers(*routing.affinity, "routing.affinity", "scenario", affinity_);
    add_numbers(profile_file_.gpu, "gpu", profile_file_.name, gpu_);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }

  TrainingInputs finish() {
    read_back(cluster_, copy_.plan.input.cluster, "cluster");
    read_back(recipe_, copy_.plan.input.recipe, "recipe");
    read_back(routing_, copy_.scenario.routing, "routing");
    if (affinity_.changed) {
      read_back(affinity_, *copy_.scenario.routing.affinity, "routing.affinity");
      copy_.routed = simulate_routing(copy_, copy_.scenario.routing);
    }
    read_back(gpu_, profile_file_.gpu, "gpu");
    const SourceSet excluded = copy_.profile.excluded();
    copy_.profile = CalibrationProfile(std::move(profile_file_), excluded, copy_.profile.path());
    return std::move(copy_);
  }

 private:
  void add_constants(std::vector<Constant>& constants, const std::string& owner) {
    for (Constant& constant : constants) {
      const ResolvedConstant resolved = resolve(constant, copy_.profile.excluded(), owner);
      double* value = resolved.fallback ? &constant.fallback->value : &constant.value;
      const std::string provenance(enum_name(resolved.provenance));
      variables_.push_back({{constant.name, owner, constant.unit, provenance, "interval", true,
                             resolved.value, resolved.low, resolved.high},
                            [value](double changed) { *value = changed; }});
    }
  }

  void add_entries() {
    std::map<std::string, std::vector<std::pair<Entry*, Entry>>> groups;
    for (Entry& entry : profile_file_.entries) {
      if (entry.p10 >= 1 && entry.p90 <= 1) continue;
      groups[fmt::format("entries.{}.{}", enum_name(entry.op), enum_name(entry.format))].emplace_back(&entry,
                                                                                                      entry);
    }
    for (auto& [name, entries] : groups) {
      const auto set = [entries = entries](double share) {
        for (const auto& [entry, stated] : entries) slow(stated, share, *entry);
      };
      const std::string provenance(enum_name(entries.front().second.provenance));
      variables_.push_back({{name, profile_file_.name, "of spread", provenance,
                             fmt::format("p10 to p90 of {} entries", entries.size()), true, 0, -1, 1},
                            set});
    }
  }

  /// Moves the time of an entry towards its p90 (share > 0) or its p10.
  static void slow(const Entry& stated, double share, Entry& entry) {
    const double factor =
        share > 0 ? 1 + share * (stated.p90 - 1) : 1 + share * (1 - std::min(stated.p10, 1.0));
    if (stated.time) entry.time = *stated.time * factor;
    if (stated.rate) entry.rate = *stated.rate / factor;
    if (stated.bandwidth) entry.bandwidth = *stated.bandwidth / factor;
  }

  template <class T>
  void add_numbers(const T& object, const std::string& prefix, const std::string& owner, Part& part) {
    part.document = write_spec(object);
    for (const SpecNumber& number :
         spec_numbers(description_of<T>(), part.document, prefix, owner, "stated")) {
      variables_.push_back({number.input, [&part, number](double changed) {
                              set_number(number, changed, part.document);
                              part.changed = true;
                            }});
    }
  }

  template <class T>
  static void read_back(const Part& part, T& object, const std::string& name) {
    if (part.changed) object = read_spec<T>(part.document, name);
  }

  TrainingInputs copy_;
  ProfileFile profile_file_;
  Part cluster_;
  Part recipe_;
  Part routing_;
  Part affinity_;
  Part gpu_;
  std::vector<Variable> variables_;  ///< refer to the members above
};

}  // namespace

std::vector<VariedInput> varied_inputs(const TrainingInputs& inputs) {
  const Parts parts(inputs);
  std::vector<VariedInput> all;
  for (const Variable& variable : parts.variables()) all.push_back(variable.input);
  return all;
}

TrainingInputs with_values(const TrainingInputs& inputs, const InputValues& values) {
  Parts parts(inputs);
  for (const auto& [index, value] : values) parts.variables().at(index).set(value);
  return parts.finish();
}

TrainingInputs at_interval_end(const TrainingInputs& inputs, std::string_view name, IntervalEnd end) {
  Parts parts(inputs);
  const auto found = std::ranges::find_if(
      parts.variables(), [&](const Variable& variable) { return variable.input.name == name; });
  if (found == parts.variables().end() || !found->input.stated) return inputs;
  found->set(end == IntervalEnd::low ? found->input.low : found->input.high);
  return parts.finish();
}

Json representative_summary(const TrainingInputs& inputs) {
  TrainingInputs representative = inputs;
  representative.scenario.gpus = GpuDetail::representative;
  representative.scenario.engine = EngineKind::replay;
  NullSink sink;
  return whole_summary(representative, *replay_step(representative, 1, sink));
}

}  // namespace moesim
