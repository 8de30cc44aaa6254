#include "tests/sim_training/random_layouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/random.hpp"
#include "sim/cluster/cluster_spec.hpp"

namespace moesim::test {
namespace {

constexpr int kMostNodes = 256;

template <class E>
std::vector<E> all_of() {
  std::vector<E> values;
  for (const auto& [value, name] : EnumNames<E>::table) values.push_back(value);
  return values;
}

}  // namespace

double RandomLayouts::uniform(const char* what) const {
  return uniform_at(seed_, stream_of(what), try_);
}

template <class T>
const T& RandomLayouts::pick(const char* what, const std::vector<T>& choices) const {
  const auto num = static_cast<double>(choices.size());
  return choices[std::min(static_cast<std::size_t>(uniform(what) * num), choices.size() - 1)];
}

int RandomLayouts::power_of_two(const char* what, int most) const {
  std::vector<int> powers;
  for (int power = 1; power <= most; power *= 2) powers.push_back(power);
  return pick(what, powers);
}

int RandomLayouts::rare_power_of_two(const char* what, int most) const {
  return uniform(fmt::format("use {}", what).c_str()) < 0.7 ? 1 : power_of_two(what, most);
}

TrainingScenario RandomLayouts::scenario() const {
  TrainingScenario s;
  s.kind = "training";
  s.model = pick("model", catalog_names());
  s.calibration = pick("profile", profile_names());
  s.stack = pick("stack", stack_names());
  const int nodes = power_of_two("nodes", kMostNodes);
  s.cluster.text = fmt::format(
      R"({{"base": "{}", "num_nodes": {}, "gpu_speed_sigma": {}, "operator_jitter": 0, "network": {{"switch_radix": 128}}}})",
      pick("cluster", cluster_names()), nodes, 0.02 * uniform("sigma"));
  const int gpus = load_cluster(parse_json(s.cluster.text, ""), "").num_gpus();
  Layout& layout = s.layout;
  layout.pp = std::min(power_of_two("pp", 16), gpus);
  layout.tp = rare_power_of_two("tp", 8);
  layout.cp = rare_power_of_two("cp", 4);
  layout.etp = rare_power_of_two("etp", 4);
  layout.vpp = rare_power_of_two("vpp", 4);
  layout.ep = std::min(power_of_two("ep", 64), std::max(1, gpus / (layout.pp * layout.etp)));
  layout.zero = static_cast<int>(4 * uniform("zero"));
  layout.schedule = pick("schedule", all_of<ScheduleKind>());
  layout.micro_batch = power_of_two("micro_batch", 4);
  for (const auto& [what, name] : EnumNames<Recompute>::table) {
    if (uniform(std::string(name).c_str()) < 0.5) layout.recompute.push_back(what);
  }
  s.recipe.sequence_length = std::int64_t{1024} * power_of_two("sequence_length", 8);
  s.recipe.precision = pick("precision", all_of<TrainingPrecision>());
  const std::int64_t replicas = std::max(1, gpus / (layout.pp * layout.tp * layout.cp));
  const std::int64_t microbatches = std::int64_t{layout.pp} * power_of_two("microbatches", 4);
  s.recipe.global_batch = replicas * layout.micro_batch * microbatches;
  if (uniform("routing") < 0.5 && layout.ep > 1) {
    s.routing.mode = RoutingMode::stated;
    s.routing.rank_max_over_mean = 1 + 0.5 * uniform("load");
  }
  s.engine = EngineKind::replay;
  s.seed = try_;
  return s;
}

const ModelSpec& RandomLayouts::model(const std::string& name) {
  const auto found = models_.find(name);
  return found != models_.end() ? found->second : models_.emplace(name, load_model(name)).first->second;
}

const CalibrationProfile& RandomLayouts::profile(const std::string& name) {
  const auto found = profiles_.find(name);
  return found != profiles_.end() ? found->second : profiles_.emplace(name, load_profile(name)).first->second;
}

TrainingInputs RandomLayouts::next() {
  constexpr std::uint64_t kMostTries = 10'000;
  const std::uint64_t last = try_ + kMostTries;
  while (try_ < last) {
    const TrainingScenario s = scenario();
    ++try_;
    PlanInput input;
    input.model = model(s.model);
    input.cluster = load_cluster(parse_json(s.cluster.text, ""), "");
    input.layout = s.layout;
    input.recipe = s.recipe;
    try {
      return make_training(s, input, profile(s.calibration), load_stack(s.stack));
    } catch (const PlanError&) {
    } catch (const CalibrationError&) {
    }
  }
  throw RunError(fmt::format("none of {} random layouts can be laid out", kMostTries));
}

}  // namespace moesim::test
