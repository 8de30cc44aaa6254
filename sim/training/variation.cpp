#include "sim/training/variation.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/plan/variable.hpp"
#include "sim/training/layer_pair.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {
namespace {

/// Inputs taken apart, so that their numbers can be changed.
class Parts {
 public:
  explicit Parts(const TrainingInputs& inputs) : copy_(inputs), profile_file_(varied_file(inputs.profile)) {
    copy_.known_work.reset();
    const SourceSet& excluded = inputs.profile->excluded();
    add_constants(copy_.stack.constants, excluded, copy_.stack.name, variables_);
    add_constants(profile_file_.constants, excluded, profile_file_.name, variables_);
    add_entries(profile_file_, variables_);
    const ClusterSpec& cluster = copy_.cluster();
    add_numbers(cluster, "cluster", cluster.name, cluster_, variables_);
    add_numbers(copy_.recipe(), "recipe", "scenario", recipe_, variables_);
    RoutingChoice& routing = copy_.scenario.routing;
    if (routing.mode == RoutingMode::stated)
      add_numbers(routing, "routing", "scenario", routing_, variables_);
    if (routing.affinity)
      add_numbers(*routing.affinity, "routing.affinity", "scenario", affinity_, variables_);
    add_numbers(profile_file_.gpu, "gpu", profile_file_.name, gpu_, variables_);
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
    const SourceSet excluded = copy_.profile->excluded();
    copy_.profile = CalibrationProfile(std::move(profile_file_), excluded, copy_.profile->path());
    return std::move(copy_);
  }

 private:
  TrainingInputs copy_;
  ProfileFile profile_file_;
  VariedPart cluster_;
  VariedPart recipe_;
  VariedPart routing_;
  VariedPart affinity_;
  VariedPart gpu_;
  std::vector<Variable> variables_;  ///< refer to the members above
};

}  // namespace

std::vector<VariedInput> varied_inputs(const TrainingInputs& inputs) {
  return inputs_of(Parts(inputs).variables());
}

TrainingInputs with_values(const TrainingInputs& inputs, const InputValues& values) {
  Parts parts(inputs);
  set_values(parts.variables(), values);
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
