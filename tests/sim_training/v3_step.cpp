#include "tests/sim_training/v3_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json.hpp"
#include "sim/engine/replay/replay_engine.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/training_run.hpp"

namespace moesim::test {
namespace {

const std::string& scenario_text() {
  static const std::string text = [] {
    Json scenario = read_json_file(V3Step::kFile);
    scenario["cluster"] = {{"base", scenario["cluster"]}};
    scenario["engine"] = "replay";
    return write_json(scenario);
  }();
  return text;
}

const Stack& shipped_stack() {
  static const Stack stack = load_stack("deepseek-v3-fp8");
  return stack;
}

const ProfileFile& shipped_profile() {
  static const ProfileFile file = load_profile("h800-sxm", {}).file();
  return file;
}

Constant* find(std::vector<Constant>& constants, const std::string& name) {
  const auto found =
      std::ranges::find_if(constants, [&](const Constant& constant) { return constant.name == name; });
  return found == constants.end() ? nullptr : &*found;
}

class SpanList final : public RecordSink {
 public:
  explicit SpanList(std::vector<Span>& spans) : spans_(spans) {}
  void add(const Span& span) override { spans_.push_back(span); }

 private:
  std::vector<Span>& spans_;
};

}  // namespace

V3Step::V3Step() : scenario_(scenario_text()), stack_(shipped_stack()), profile_(shipped_profile()) {}

V3Step& V3Step::set(std::string_view pointer, std::string_view value) {
  static const Json schema = schema_of<TrainingScenario>();
  Json scenario = parse_json(scenario_, kFile);
  set_at_pointer(scenario, schema, pointer, value);
  scenario_ = write_json(scenario);
  return *this;
}

V3Step& V3Step::sigma(double value) {
  return set("/cluster/gpu_speed_sigma", fmt::format("{}", value));
}

V3Step& V3Step::jitter(double value) {
  return set("/cluster/operator_jitter", fmt::format("{}", value));
}

V3Step& V3Step::constant(const std::string& name, double value) {
  Constant* found = find(stack_.constants, name);
  if (found == nullptr) found = find(profile_.constants, name);
  if (found == nullptr) throw std::out_of_range("no constant " + name);
  found->value = value;
  found->interval = {value, value};
  found->fallback.reset();
  return *this;
}

double V3Step::constant(const std::string& name) const {
  V3Step copy = *this;
  const Constant* found = find(copy.stack_.constants, name);
  if (found == nullptr) found = find(copy.profile_.constants, name);
  if (found == nullptr) throw std::out_of_range("no constant " + name);
  return found->value;
}

V3Step& V3Step::add_ratio(const std::string& name, double value) {
  Constant ratio;
  ratio.name = name;
  ratio.value = value;
  ratio.unit = "ratio";
  ratio.interval = {value, value};
  stack_.constants.push_back(ratio);
  return *this;
}

V3Step& V3Step::exclude(const std::string& source) {
  excluded_.insert(source);
  return *this;
}

V3Step& V3Step::model(std::function<void(ModelSpec&)> change) {
  change_model_ = std::move(change);
  return *this;
}

V3Step& V3Step::stack(const std::function<void(Stack&)>& change) {
  change(stack_);
  return *this;
}

V3Step& V3Step::profile(const std::function<void(ProfileFile&)>& change) {
  change(profile_);
  return *this;
}

TrainingScenario V3Step::scenario() const {
  return read_spec<TrainingScenario>(parse_json(scenario_, kFile), kFile);
}

TrainingInputs V3Step::inputs() const {
  const TrainingScenario wanted = scenario();
  PlanInput input = plan_input_of(wanted, kFile);
  if (change_model_) change_model_(input.model);
  return make_training(wanted, std::move(input), CalibrationProfile(profile_, excluded_, "h800-sxm"), stack_);
}

double V3Step::seconds(const StepParts& parts) const {
  return step_seconds(inputs(), parts);
}

LayerWork moe_work(const TrainingInputs& inputs) {
  return layer_work(inputs, routed_load(inputs, inputs.scenario.routing), LayerKind::moe);
}

Replayed::Replayed(const TrainingInputs& inputs, const StepParts& parts)
    : step(build_step(inputs, parts)), input(engine_input(inputs, step, parts, 1)) {
  SpanList sink(spans);
  result = make_replay_engine()->run(input, sink);
}

const OperationCost& Replayed::cost(Phase phase, PassKind pass, int layer) const {
  for (const auto& program : step.graph.programs) {
    for (const Operation& op : program) {
      const OperationCost& cost = step.graph.cost_of(op);
      if (cost.phase == phase && op.pass == pass && op.layer == layer) return cost;
    }
  }
  throw std::out_of_range(
      fmt::format("no {} in a {} pass of layer {}", to_string(phase), to_string(pass), layer));
}

double Replayed::phase_s(Phase phase, int layer) const {
  double sum = 0;
  for (const Span& span : spans) {
    const bool counts =
        span.phase == static_cast<std::uint8_t>(phase) && (layer == -2 || span.layer == layer);
    if (counts) sum += span.end_s - span.start_s;
  }
  return sum;
}

double Replayed::least_s(Phase phase) const {
  double least = result.makespan_s;
  for (const Span& span : spans) {
    if (span.phase == static_cast<std::uint8_t>(phase)) least = std::min(least, span.end_s - span.start_s);
  }
  return least;
}

int Replayed::count(Phase phase) const {
  return static_cast<int>(std::ranges::count_if(
      spans, [&](const Span& span) { return span.phase == static_cast<std::uint8_t>(phase); }));
}

}  // namespace moesim::test
