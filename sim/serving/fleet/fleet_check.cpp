#include "sim/serving/fleet/fleet_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace moesim {
namespace {

using Violations = std::vector<PlanError::Violation>;

void check_pool(const FleetPool& pool, Violations& found) {
  const std::string at = "/deployment/" + pool.name;
  const ScalingSpec& scaling = pool.spec.scaling;
  const bool fixed = scaling.policy == ScalingPolicy::fixed;
  if (pool.unit.kv_blocks < 1 || pool.unit.block_tokens < 1)
    found.push_back({at, "has no KV cache", "memory must hold weights and at least one block"});
  if (pool.unit.batching.max_batch < 1 || pool.unit.batching.token_budget < 1)
    found.push_back({at + "/batching", "takes no requests", "max_batch and token_budget are at least 1"});
  if (pool.spec.units < 1 && fixed)
    found.push_back({at + "/units", "is 0 in a pool of fixed size", "at least 1"});
  if (scaling.policy == ScalingPolicy::schedule && scaling.schedule.empty())
    found.push_back({at + "/scaling/schedule", "is empty", "name units by time of day"});
  if (scaling.policy == ScalingPolicy::target && !scaling.tokens_per_s_per_user && !scaling.ttft &&
      !scaling.utilisation)
    found.push_back({at + "/scaling", "has no target", "tokens_per_s_per_user, ttft or utilisation"});
  if (scaling.max_units < std::max(scaling.min_units, 1))
    found.push_back({at + "/scaling/max_units", "is below min_units or 1", ""});
  if (!fixed && scaling.interval.value() <= 0)
    found.push_back({at + "/scaling/interval", "is not above 0", ""});
}

void check_roles(const FleetScenario& scenario, Violations& found) {
  const auto has = [&](PoolRole role) {
    return std::any_of(scenario.pools.begin(), scenario.pools.end(),
                       [&](const FleetPool& pool) { return pool.spec.role == role; });
  };
  if (scenario.pools.empty()) found.push_back({"/deployment", "has no pool", ""});
  if (has(PoolRole::colocated) && has(PoolRole::prefill) != has(PoolRole::decode))
    found.push_back({"/deployment",
                     "prefill without decode, or decode without prefill, beside colocated pools",
                     "pools of both roles or of neither"});
  if (!has(PoolRole::prefill) || !has(PoolRole::decode)) return;
  for (const FleetPool& pool : scenario.pools) {
    if (pool.spec.role != PoolRole::colocated && pool.nic_bytes_per_s <= 0)
      found.push_back({"/deployment/" + pool.name, "has no NIC for KV caches", ""});
  }
}

void check_failures(const FleetScenario& scenario, Violations& found) {
  for (std::size_t i = 0; i < scenario.policy.failures.size(); ++i) {
    const NodeFailure& failure = scenario.policy.failures[i];
    const bool known = std::any_of(scenario.pools.begin(), scenario.pools.end(),
                                   [&](const FleetPool& pool) { return pool.name == failure.pool; });
    const std::string at = fmt::format("/failures/{}/pool", i);
    if (!known) found.push_back({at, fmt::format("'{}' is no pool of the deployment", failure.pool), ""});
  }
}

}  // namespace

void check_fleet(const FleetScenario& scenario) {
  Violations found;
  check_roles(scenario, found);
  for (const FleetPool& pool : scenario.pools) check_pool(pool, found);
  check_failures(scenario, found);
  if (scenario.policy.windows && !scenario.workload.duration)
    found.push_back({"/windows", "cut a run without a duration", "state /workload/duration"});
  if (!found.empty()) throw PlanError(std::move(found));
}

}  // namespace moesim
