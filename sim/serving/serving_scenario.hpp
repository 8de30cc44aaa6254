#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/spec.hpp"
#include "sim/plan/published_figure.hpp"
#include "sim/serving/deployment/pool_spec.hpp"
#include "sim/serving/experts/expert_load_spec.hpp"
#include "sim/serving/fleet/fleet_policy.hpp"
#include "workloads/requests/workload_spec.hpp"

namespace moesim {

/// What a request must meet to count as good.
struct SloSpec {
  std::optional<Seconds> ttft;
  std::optional<Seconds> tpot;
  std::optional<Seconds> e2e;
};
const Spec<SloSpec>& spec_of(const SloSpec*);

/// Whether an optional document is not there.
bool is_absent(const RawJson& value);

/// Requests served by a fleet.
struct ServingScenario : FleetPolicy {
  int schema_version = 1;
  std::string kind = "serving";
  std::string model;
  RawJson cluster;  ///< of pools without their own
  std::string calibration;
  std::string stack;
  std::map<std::string, PoolSpec> deployment;  ///< pools by name
  WorkloadSpec workload;
  ExpertLoadSpec experts;
  SloSpec slo;
  std::vector<PublishedFigure> published;
  std::uint64_t seed = 1;
};
const Spec<ServingScenario>& spec_of(const ServingScenario*);

}  // namespace moesim
