#include "sim/routing_run/routing_checks.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace moesim {
namespace {

constexpr int kMostExperts = 65534;     // that a uint16 tells apart from kNoExpert
constexpr int kMostTrafficGpus = 1024;  // a matrix of 8 MiB a layer

using Violations = std::vector<PlanError::Violation>;

class Checks {
 public:
  explicit Checks(const RoutingInputs& inputs) : inputs_(inputs), s_(inputs.scenario), model_(inputs.model) {}

  Violations all() {
    check_model();
    if (!found_.empty()) return std::move(found_);
    check_placement();
    check_replanning("/placement", s_.placement, s_.placement.strategy == PlacementStrategy::eplb);
    if (s_.placement.what_if) check_replanning("/placement/what_if", *s_.placement.what_if, true);
    check_rules();
    check_devices();
    if (s_.recorded) check_recorded();
    check_affinity();
    check_batch();
    return std::move(found_);
  }

 private:
  void refuse(std::string pointer, std::string what, std::string hint) {
    found_.push_back({std::move(pointer), std::move(what), std::move(hint)});
  }
  void refuse_if(bool fault, const char* pointer, std::string what, std::string hint) {
    if (fault) refuse(pointer, std::move(what), std::move(hint));
  }

  void check_model() {
    refuse_if(model_.num_experts == 0 || model_.num_moe_layers() == 0, "/model",
              fmt::format("{} has no experts", model_.name), "a mixture-of-experts model");
    refuse_if(model_.num_experts > kMostExperts, "/model", fmt::format("{} experts", model_.num_experts),
              fmt::format("at most {}", kMostExperts));
  }

  void check_placement() {
    const int ep = s_.placement.ep;
    const ClusterSpec& cluster = inputs_.cluster;
    const int per_node = std::min(ep, cluster.gpus_per_node);
    refuse_if(ep > cluster.num_gpus(), "/placement/ep",
              fmt::format("ep {} is larger than the {} GPUs of {}", ep, cluster.num_gpus(), cluster.name),
              "a smaller ep or a larger cluster");
    refuse_if(ep % per_node != 0, "/placement/ep",
              fmt::format("ep {} does not fill nodes of {} GPUs", ep, cluster.gpus_per_node),
              fmt::format("a multiple of {}, or less than that", cluster.gpus_per_node));
    refuse_if(s_.record.traffic_every > 0 && ep > kMostTrafficGpus, "/record/traffic_every",
              fmt::format("pairs of {} GPUs are too many to count", ep),
              fmt::format("0, or ep of at most {}", kMostTrafficGpus));
    refuse_if(s_.batch.tokens % ep != 0, "/batch/tokens",
              fmt::format("{} tokens do not spread evenly over {} GPUs", s_.batch.tokens, ep),
              fmt::format("a multiple of {}", ep));
  }

  void check_replanning(const std::string& at, const Replanning& plan, bool is_eplb) {
    const int ep = s_.placement.ep;
    const int slots = model_.num_experts + plan.redundant_experts;
    if (slots % ep != 0) {
      refuse(at + (plan.redundant_experts == 0 ? "/ep" : "/redundant_experts"),
             fmt::format("{} slots do not spread evenly over {} GPUs", slots, ep),
             fmt::format("redundant_experts {}", nearest_redundant(plan.redundant_experts)));
    }
    if (is_eplb && !plan.replan_every) {
      refuse(at + "/replan_every", "EPLB without a time to plan", "how many steps lie between two plans");
    }
    if (!is_eplb && (plan.replan_every || plan.replan_window || plan.replan_lag != 0)) {
      refuse(at + "/replan_every", "a placement that does not follow the load is not planned anew",
             "strategy \"eplb\", or leave the replan_ keys out");
    }
    if (plan.replan_every && *plan.replan_every >= s_.batch.steps) {
      refuse(at + "/replan_every", fmt::format("{} steps end before the first plan", s_.batch.steps),
             fmt::format("less than {}", s_.batch.steps));
    } else if (plan.replan_every) {
      check_lag(at, *plan.replan_every, plan.replan_lag);
    }
  }

  /// A plan behind the last step is of no use: one is made behind steps every, 2 every, ... that has seen a
  /// step older than the lag.
  void check_lag(const std::string& at, std::int64_t every, std::int64_t lag) {
    const std::int64_t last_plan = (s_.batch.steps - 1) / every * every;
    if (lag < last_plan) return;
    refuse(at + "/replan_lag",
           fmt::format("{} steps end before a plan sees the first one: the last plan is made after {} steps",
                       s_.batch.steps, last_plan),
           fmt::format("at most {}", last_plan - 1));
  }

  [[nodiscard]] int nearest_redundant(int redundant) const {
    const int ep = s_.placement.ep;
    return (model_.num_experts + redundant + ep - 1) / ep * ep - model_.num_experts;
  }

  void check_rules() {
    const RoutingRules& rules = s_.routing;
    const bool moves = rules.bias_update_speed != 0 || !rules.bias_update_parts.empty();
    refuse_if(moves && !model_.gate_bias, "/routing/bias_update_speed",
              fmt::format("the gate of {} has no bias", model_.name),
              "0, or a model with \"gate_bias\": true");
    if (rules.capacity) {
      if (auto issue = capacity_issue(*rules.capacity, model_.top_k)) {
        refuse("/routing/capacity" + issue->pointer, issue->what, issue->hint);
      }
    }
    if (s_.batch.mode != BatchMode::decode) {
      refuse_if(rules.losses.any() && !rules.dynamics, "/routing/dynamics",
                "what losses do to a router is not said", "\"functional\", or a file of your own");
      return;
    }
    refuse_if(moves || rules.losses.any() || rules.reinforcement != 0 || rules.dynamics, "/batch/mode",
              "decoding trains nothing: no bias, loss or reinforcement moves an expert",
              "\"training\", or leave bias_update_speed, losses, reinforcement and dynamics out");
  }

  /// Losses and budgets of devices know experts in equal contiguous blocks alone.
  void check_devices() {
    const RoutingRules& rules = s_.routing;
    const bool by_device = rules.losses.device != 0 || rules.losses.communication != 0 ||
                           (rules.capacity && rules.capacity->rule == CapacityRule::device_budget);
    if (!by_device) return;
    refuse_if(s_.placement.strategy != PlacementStrategy::contiguous || s_.placement.redundant_experts > 0,
              "/placement/strategy",
              "losses and budgets of devices are of experts in equal contiguous blocks",
              "\"contiguous\" without redundant experts");
    refuse_if(
        model_.num_experts % s_.placement.ep != 0, "/placement/ep",
        fmt::format("{} devices do not hold equally many of {} experts", s_.placement.ep, model_.num_experts),
        "a divisor of the experts");
  }

  void check_affinity() {
    const AffinitySpec& affinity = inputs_.affinity;
    const PopularityLaw law = affinity.popularity.law;
    const bool states_shares = law != PopularityLaw::even && law != PopularityLaw::logit_normal;
    refuse_if(states_shares && !(affinity.token_sigma > 0), "/affinity/token_sigma",
              "shares of experts need tokens that differ", "above 0");
    for (std::size_t i = 0; i < affinity.shifts.size(); ++i) {
      if (affinity.shifts[i].step < s_.batch.steps) continue;
      refuse(fmt::format("/affinity/shifts/{}/step", i),
             fmt::format("a shift after the last of {} steps", s_.batch.steps), "an earlier step");
    }
  }

  /// What a recording leaves no room for: it holds the gate's choices, or their counts alone.
  void check_recorded() {
    const RoutingRules& rules = s_.routing;
    const bool balances = rules.bias_update_speed != 0 || !rules.bias_update_parts.empty() ||
                          rules.losses.any() || rules.capacity || rules.dynamics || rules.reinforcement != 0;
    refuse_if(balances, "/routing", "recorded choices stay as they are: nothing balances or drops them",
              "leave routing or recorded out");
    refuse_if(s_.affinity != AffinitySpec{}, "/affinity", "recorded choices come from no affinities",
              "leave affinity or recorded out");
    refuse_if(s_.batch.layers.has_value(), "/batch/layers", "every layer of a recording is played",
              "leave layers out");
    refuse_if(s_.batch.validation_steps > 0, "/batch/validation_steps", "a recording ends with its last step",
              "0");
    if (!s_.recorded->counts) return;
    refuse_if(s_.record.traffic_every > 0, "/record/traffic_every",
              "counts do not say which token goes where", "0, or recorded ids");
    refuse_if(s_.placement.replica_choice == ReplicaChoice::nearest && s_.placement.redundant_experts > 0,
              "/placement/replica_choice", "counts do not say from where tokens go to the nearest replica",
              "\"round_robin\", or recorded ids");
  }

  void check_batch() {
    const RoutingBatch& batch = s_.batch;
    refuse_if(
        batch.layers.value_or(0) > model_.num_moe_layers(), "/batch/layers",
        fmt::format("{} layers of the {} with experts", batch.layers.value_or(0), model_.num_moe_layers()),
        fmt::format("at most {}", model_.num_moe_layers()));
    refuse_if(inputs_.measured_steps() > batch.steps, "/batch/measured_steps",
              fmt::format("{} of {} steps", inputs_.measured_steps(), batch.steps), "at most all steps");
    const std::int64_t every = s_.record.traffic_every;
    refuse_if(every > 0 && (batch.steps - 1) / every * every < inputs_.first_measured(),
              "/record/traffic_every", "no measured step counts traffic",
              fmt::format("0, or at most {}", inputs_.measured_steps()));
    refuse_if(batch.tokens > std::numeric_limits<std::uint32_t>::max() / std::max(1, model_.top_k),
              "/batch/tokens", "more choices than a record can count", "fewer tokens");
  }

  const RoutingInputs& inputs_;
  const RoutingScenario& s_;
  const ModelSpec& model_;
  Violations found_;
};

}  // namespace

std::vector<PlanError::Violation> routing_violations(const RoutingInputs& inputs) {
  return Checks(inputs).all();
}

std::vector<std::string> routing_warnings(const RoutingInputs& inputs) {
  std::vector<std::string> warnings;
  const RoutingScenario& s = inputs.scenario;
  const bool unlike = s.affinity.popularity.law != PopularityLaw::even || s.affinity.topics.count > 0 ||
                      inputs.affinity.drift > 0 || !s.affinity.shifts.empty();
  if (!unlike && !s.recorded)
    warnings.emplace_back("every expert is as likely as any other: real routing is less even");
  if (static_cast<int>(inputs.layers.size()) < inputs.model.num_moe_layers()) {
    warnings.push_back(fmt::format("{} of the model's {} MoE layers are simulated", inputs.layers.size(),
                                   inputs.model.num_moe_layers()));
  }
  return warnings;
}

}  // namespace moesim
