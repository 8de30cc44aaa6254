#include "sim/serving/serving_scenario.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace moesim {
namespace {

bool has_role(const ServingScenario& scenario, PoolRole role) {
  return std::ranges::any_of(scenario.deployment, [&](const auto& pool) { return pool.second.role == role; });
}

std::optional<SpecIssue> find_role_issue(const ServingScenario& scenario) {
  const bool prefill = has_role(scenario, PoolRole::prefill);
  const bool decode = has_role(scenario, PoolRole::decode);
  if (has_role(scenario, PoolRole::colocated) && prefill != decode) {
    return SpecIssue{"/deployment", "prefill without decode, or decode without prefill, beside others",
                     "have pools of both roles or of neither beside colocated ones"};
  }
  return std::nullopt;
}

/// A closed loop has no end of its own.
std::optional<SpecIssue> find_end_issue(const ServingScenario& scenario) {
  const WorkloadSpec& workload = scenario.workload;
  const bool ends = workload.trace || workload.requests || workload.duration || workload.concurrency;
  if (ends) return std::nullopt;
  return SpecIssue{"/workload", "never ends", "give /workload/requests or /workload/duration"};
}

std::optional<SpecIssue> find_failure_issue(const ServingScenario& scenario) {
  for (std::size_t i = 0; i < scenario.failures.size(); ++i) {
    const NodeFailure& failure = scenario.failures[i];
    if (scenario.deployment.contains(failure.pool)) continue;
    return SpecIssue{fmt::format("/failures/{}/pool", i), fmt::format("no pool \"{}\"", failure.pool),
                     "name a key of deployment"};
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_cluster_issue(const ServingScenario& scenario) {
  const auto lacks = [](const std::string& own, const std::string& common) {
    return own.empty() && common.empty();
  };
  for (const auto& [name, pool] : scenario.deployment) {
    const std::string at = "/deployment/" + name;
    if (is_absent(pool.cluster) && is_absent(scenario.cluster))
      return SpecIssue{at, "runs on no cluster", "give /cluster, or one to the pool"};
    if (lacks(pool.calibration, scenario.calibration))
      return SpecIssue{at, "has no calibration", "give /calibration, or one to the pool"};
    if (lacks(pool.stack, scenario.stack))
      return SpecIssue{at, "has no stack", "give /stack, or one to the pool"};
  }
  return std::nullopt;
}

void add_policy(Spec<ServingScenario>& spec) {
  using S = ServingScenario;
  spec.field("arrival_routing", &S::arrival_routing, "which unit of its pools takes a request", optional())
      .field("windows", &S::windows, "parts of a long run, each started warm")
      .field("warm_up", &S::warm_up, "at the start, not counted", optional() | example("60 s"))
      .field("warm_start", &S::warm_start, "begins with the running requests of a steady state", optional())
      .field("failures", &S::failures, "nodes that stop", optional())
      .field("sample_every", &S::sample_every, "of curves over time", above(0) | optional());
}

}  // namespace

bool is_absent(const RawJson& value) {
  return value.text == RawJson{}.text || value.text.empty();
}

const Spec<SloSpec>& spec_of(const SloSpec*) {
  using S = SloSpec;
  static const Spec<S> spec =
      Spec<S>("slo", "What a request must meet to count as good.")
          .field("ttft", &S::ttft, "time to the first token, at most", above(0) | example("2 s"))
          .field("tpot", &S::tpot, "mean time of a token behind the first, at most",
                 above(0) | example("50 ms"))
          .field("e2e", &S::e2e, "time to the last token, at most", above(0) | example("60 s"));
  return spec;
}

const Spec<ServingScenario>& spec_of(const ServingScenario*) {
  using S = ServingScenario;
  static const Spec<S> spec = [] {
    Spec<S> s("serving scenario", "Requests served by a fleet.");
    s.field("schema_version", &S::schema_version, "of scenarios", between(1, 1))
        .field("kind", &S::kind, "of scenario", choices({"serving"}))
        .field("model", &S::model, "catalog name or path of a model", non_empty())
        .field("cluster", &S::cluster, "of pools without their own: name, path, or an object with base",
               optional())
        .field("calibration", &S::calibration, "of pools without their own", optional())
        .field("stack", &S::stack, "of pools without their own", optional())
        .field("deployment", &S::deployment, "pools by name", non_empty())
        .field("workload", &S::workload, "what is asked")
        .field("experts", &S::experts, "how tokens spread over experts", optional())
        .field("slo", &S::slo, "what a good request meets", optional());
    add_policy(s);
    s.field("published", &S::published, "figures to show beside the summary", optional())
        .field("seed", &S::seed, "of everything random", at_least(0) | optional());
    return s.check(&find_role_issue)
        .check(&find_end_issue)
        .check(&find_failure_issue)
        .check(&find_cluster_issue);
  }();
  return spec;
}

}  // namespace moesim
