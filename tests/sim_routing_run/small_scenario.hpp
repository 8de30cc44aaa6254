#pragma once

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "base/spec.hpp"
#include "sim/routing_run/routing_inputs.hpp"

namespace moesim::test {

inline constexpr const char* kFile = "workloads/scenarios/test.json";

/// Two layers of DeepSeekMoE-16B on 8 GPUs for a few steps, with `changes` merged in.
inline Json small_document(const char* changes = "{}") {
  Json document = Json::parse(R"({
    "schema_version": 1, "kind": "routing", "model": "deepseek-moe-16b", "cluster": "h800-2048",
    "placement": {"ep": 8},
    "affinity": {"popularity": {"law": "logit_normal", "sigma": 0.5}},
    "batch": {"tokens": 1024, "steps": 12, "layers": 2}})");
  document.merge_patch(Json::parse(changes));
  return document;
}

inline RoutingScenario small_scenario(const char* changes = "{}") {
  return read_spec<RoutingScenario>(small_document(changes), kFile);
}

}  // namespace moesim::test
