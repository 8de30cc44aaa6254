#include "tests/sim_training/random_layouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/error.hpp"
#include "base/random.hpp"
#include "calib/profile/stack_names.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/training/unmodelled.hpp"

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

template <class Choices>
const auto& RandomLayouts::pick(const char* what, const Choices& choices) const {
  const auto num = static_cast<double>(choices.size());
  const auto index = std::min(static_cast<std::size_t>(uniform(what) * num), choices.size() - 1);
  return *std::next(choices.begin(), static_cast<std::ptrdiff_t>(index));
}

RandomLayouts::RandomLayouts(std::uint64_t seed) : seed_(seed) {
  for (const std::string& name : catalog_names()) models_.emplace(name, load_model(name));
  for (const std::string& name : stack_names()) {
    // A stack that only serves has no optimizer.
    if (Stack stack = load_stack(name); stack.num_kernels_of(kOptimizerPhase) > 0)
      stacks_.emplace(name, stack);
  }
  for (const std::string& name : profile_names()) profiles_.emplace(name, load_profile(name));
  for (const std::string& name : cluster_names()) {
    if (ClusterSpec cluster = load_cluster(name); profiles_.contains(cluster.gpu))
      clusters_.emplace(name, cluster);
  }
}

int RandomLayouts::power_of_two(const char* what, int most) const {
  std::vector<int> powers;
  for (int power = 1; power <= most; power *= 2) powers.push_back(power);
  return pick(what, powers);
}

int RandomLayouts::rare_power_of_two(const char* what, int most) const {
  return uniform(fmt::format("use {}", what).c_str()) < 0.7 ? 1 : power_of_two(what, most);
}

/// A shipped cluster with another number of nodes; jitter may beat a bound of nominal times.
ClusterSpec RandomLayouts::cluster() const {
  ClusterSpec cluster = pick("cluster", clusters_).second;
  cluster.num_nodes = std::min(power_of_two("nodes", kMostNodes), cluster.num_nodes);
  cluster.gpu_speed_sigma = 0.02 * uniform("sigma");
  cluster.operator_jitter = 0;
  return cluster;
}

Layout RandomLayouts::layout(int num_gpus) const {
  Layout layout;
  layout.pp = std::min(power_of_two("pp", 16), num_gpus);
  layout.tp = rare_power_of_two("tp", 8);
  layout.cp = rare_power_of_two("cp", 4);
  layout.etp = rare_power_of_two("etp", 4);
  layout.ep = std::min(power_of_two("ep", 64), std::max(1, num_gpus / (layout.pp * layout.etp)));
  layout.zero = static_cast<int>(4 * uniform("zero"));
  layout.schedule = pick("schedule", all_of<ScheduleKind>());
  layout.vpp = power_of_two("vpp", 4);
  layout.micro_batch = power_of_two("micro_batch", 4);
  for (const auto& [what, name] : EnumNames<Recompute>::table) {
    if (uniform(std::string(name).c_str()) < 0.3) layout.recompute.push_back(what);
  }
  return layout;
}

TrainingScenario RandomLayouts::scenario(const ClusterSpec& cluster) const {
  TrainingScenario s;
  s.kind = "training";
  s.model = pick("model", models_).first;
  s.calibration = cluster.gpu;
  s.stack = pick("stack", stacks_).first;
  s.cluster.text = '"' + cluster.name + '"';
  s.layout = layout(cluster.num_gpus());
  s.recipe.sequence_length = std::int64_t{1024} * power_of_two("sequence_length", 8);
  s.recipe.precision = pick("precision", all_of<TrainingPrecision>());
  const std::int64_t replicas = std::max(1, cluster.num_gpus() / (s.layout.pp * s.layout.tp * s.layout.cp));
  const std::int64_t microbatches = std::int64_t{s.layout.pp} * power_of_two("microbatches", 4);
  s.recipe.global_batch = replicas * s.layout.micro_batch * microbatches;
  if (uniform("routing") < 0.5 && s.layout.ep > 1) {
    s.routing.mode = RoutingMode::stated;
    s.routing.rank_max_over_mean = 1 + 0.5 * uniform("load");
  }
  s.engine = EngineKind::replay;
  s.seed = try_;
  return s;
}

TrainingInputs RandomLayouts::next() {
  constexpr std::uint64_t kMostTries = 100'000;
  const std::uint64_t last = try_ + kMostTries;
  while (try_ < last) {
    PlanInput input;
    input.cluster = cluster();
    const TrainingScenario s = scenario(input.cluster);
    ++try_;
    input.model = models_.at(s.model);
    input.layout = s.layout;
    input.recipe = s.recipe;
    // Most are refused; what the plan alone refuses costs no pricing.
    if (!find_unmodelled(s, input.cluster, stacks_.at(s.stack)).empty() || !find_violations(input).empty()) {
      continue;
    }
    try {
      return make_training(s, input, profiles_.at(s.calibration), stacks_.at(s.stack));
    } catch (const PlanError&) {
    } catch (const CalibrationError&) {
    }
  }
  throw RunError(fmt::format("none of {} random layouts can be laid out", kMostTries));
}

}  // namespace moesim::test
