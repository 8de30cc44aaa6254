#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/serving/deployment/pool_spec.hpp"
#include "sim/serving/deployment/unit_memory.hpp"

namespace moesim {

/// All that forbids a pool's units on a cluster, but for memory: heads and experts that do not split evenly,
/// units that are no whole nodes or larger than the cluster, drafts without MTP modules. `pointer` is the
/// pool's place in the scenario.
std::vector<PlanError::Violation> find_violations(const ModelSpec& model, const ClusterSpec& cluster,
                                                  const PoolSpec& pool, const std::string& pointer);

/// That weights do not fit, or that no KV block is left, with the memory by item.
std::vector<PlanError::Violation> find_memory_violations(const UnitMemory& memory, const PoolSpec& pool,
                                                         const std::string& pointer);

}  // namespace moesim
