#include "sim/serving/variation.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sim/plan/variable.hpp"

namespace moesim {
namespace {

/// A calibration taken apart.
struct ProfileParts {
  explicit ProfileParts(const CalibrationProfile& profile)
      : file(varied_file(profile)), excluded(profile.excluded()), path(profile.path()) {}
  std::shared_ptr<const CalibrationProfile> finish() {
    read_back(gpu, file.gpu, "gpu");
    return std::make_shared<const CalibrationProfile>(std::move(file), excluded, path);
  }

  ProfileFile file;
  SourceSet excluded;
  std::string path;
  VariedPart gpu;
};

/// A cluster that pools share.
struct ClusterParts {
  explicit ClusterParts(const ClusterSpec& of) : cluster(of) {}
  ClusterSpec cluster;
  VariedPart part;
};

/// Inputs taken apart, so that their numbers can be changed.
class Parts {
 public:
  explicit Parts(const ServingInputs& inputs) : inputs_(inputs), scenario_(inputs.scenario) {
    slowdowns_.resize(inputs.pools.size());
    for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
      const PoolInputs& pool = *inputs.pools[i];
      add_stack(pool);
      add_profile(pool.profile.get());
      add_cluster(pool.cluster);
      add_slowdown(pool, slowdowns_[i]);
    }
    add_rate();
    make_names_unique();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }

  std::unique_ptr<ServingInputs> finish() {
    auto made = std::make_unique<ServingInputs>();
    made->scenario = scenario_;
    made->file = inputs_.file;
    made->model = inputs_.model;
    made->warnings = inputs_.warnings;
    std::map<const CalibrationProfile*, std::shared_ptr<const CalibrationProfile>> profiles;
    for (auto& [profile, parts] : profiles_) profiles[profile] = parts.finish();
    std::map<const Stack*, std::shared_ptr<const Stack>> stacks;
    for (auto& [stack, copy] : stacks_) stacks[stack] = std::make_shared<const Stack>(std::move(copy));
    for (std::size_t i = 0; i < inputs_.pools.size(); ++i) {
      auto pool = std::make_unique<PoolInputs>(*inputs_.pools[i]);
      pool->profile = profiles.at(inputs_.pools[i]->profile.get());
      pool->stack = stacks.at(inputs_.pools[i]->stack.get());
      if (slowdowns_[i]) pool->spec.kernel_slowdown = *slowdowns_[i];
      finish_pool(*made, *pool);
      made->pools.push_back(std::move(pool));
    }
    return made;
  }

 private:
  void add_stack(const PoolInputs& pool) {
    const Stack* stack = pool.stack.get();
    if (stacks_.contains(stack)) return;
    Stack& copy = stacks_.emplace(stack, *stack).first->second;
    add_constants(copy.constants, pool.profile->excluded(), copy.name, variables_);
  }

  void add_profile(const CalibrationProfile* profile) {
    if (profiles_.contains(profile)) return;
    ProfileParts& parts = profiles_.try_emplace(profile, *profile).first->second;
    add_constants(parts.file.constants, parts.excluded, parts.file.name, variables_);
    add_entries(parts.file, variables_);
    add_numbers(parts.file.gpu, "gpu", parts.file.name, parts.gpu, variables_);
  }

  ClusterParts* parts_of(const ClusterSpec& cluster) {
    const Json document = write_spec(cluster);
    for (ClusterParts& parts : clusters_) {
      if (write_spec(parts.cluster) == document) return &parts;
    }
    return nullptr;
  }

  void add_cluster(const ClusterSpec& cluster) {
    if (parts_of(cluster) != nullptr) return;
    ClusterParts& parts = clusters_.emplace_back(cluster);
    add_numbers(cluster, "cluster", cluster.name, parts.part, variables_);
  }

  /// A share of the value to both sides of a number that nobody states an interval of.
  void add_unstated(const std::string& name, const std::string& unit, double value,
                    std::function<void(double)> set) {
    VariedInput input{name, "scenario", unit, "stated", "+-10 %", false, value, 0, 0};
    input.low = value * (1 - kUnstatedSpread);
    input.high = value * (1 + kUnstatedSpread);
    variables_.push_back({std::move(input), std::move(set)});
  }

  void add_slowdown(const PoolInputs& pool, std::optional<double>& slowdown) {
    add_unstated("deployment." + pool.name + ".kernel_slowdown", "ratio", pool.spec.kernel_slowdown,
                 [&slowdown](double changed) { slowdown = changed; });
  }

  void add_rate() {
    std::optional<ArrivalSpec>& arrivals = scenario_.workload.arrivals;
    if (!arrivals) return;
    add_unstated("workload.arrivals.rate_per_s", "1/s", arrivals->rate_per_s,
                 [&arrivals](double changed) { arrivals->rate_per_s = changed; });
  }

  void make_names_unique() {
    std::set<std::string> names;
    for (Variable& variable : variables_) {
      VariedInput& input = variable.input;
      if (names.insert(input.name).second) continue;
      const std::string owned = input.owner + ":" + input.name;
      input.name = owned;
      for (int i = 2; !names.insert(input.name).second; ++i) input.name = owned + "#" + std::to_string(i);
    }
  }

  void finish_pool(const ServingInputs& made, PoolInputs& pool) {
    const ClusterParts& parts = *parts_of(pool.cluster);
    read_back(parts.part, pool.cluster, "cluster");
    pool.memory = memory_of(made.model, pool);
    pool.rebalance = over_links(pool.rebalance, pool.cluster);
    pool.costs = make_step_costs(made.cost_input(pool));
  }

  const ServingInputs& inputs_;
  ServingScenario scenario_;
  std::map<const Stack*, Stack> stacks_;
  std::map<const CalibrationProfile*, ProfileParts> profiles_;
  std::deque<ClusterParts> clusters_;
  std::vector<std::optional<double>> slowdowns_;  ///< [pools]
  std::vector<Variable> variables_;               ///< refer to the members above
};

}  // namespace

std::vector<VariedInput> varied_inputs(const ServingInputs& inputs) {
  return inputs_of(Parts(inputs).variables());
}

std::unique_ptr<ServingInputs> with_values(const ServingInputs& inputs, const InputValues& values) {
  Parts parts(inputs);
  set_values(parts.variables(), values);
  return parts.finish();
}

}  // namespace moesim
