#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/planner/search/serving_search.hpp"

namespace moesim::tests {

/// A small serving space that is quick to search: experts balanced by force, short runs.
struct SmallSpace {
  std::string name;
  Json scenario;
  ServingSearch search;
};

inline const char* kAnyFile = "workloads/scenarios/any.json";

inline Json shipped(const std::string& name) {
  Json scenario = read_json_file("workloads/scenarios/" + name + ".json");
  scenario["experts"] = {{"mode", "balanced"}};
  return scenario;
}

/// Prefill and decode pools of DeepSeek-V3 on 256 H800, by unit sizes, batch, drafts and ratio.
inline SmallSpace wide_space() {
  SmallSpace space{"wide", shipped("deepseek-v3-fleet-512xh800"), {}};
  space.scenario["workload"]["duration"] = "45 s";
  space.scenario["workload"]["output_tokens"] = 256;
  space.scenario["warm_up"] = "20 s";
  ServingSearch& search = space.search;
  search.gpus = 256;
  const Json one_draft{{"drafts", 1}, {"acceptance", {0.85}}};
  search.axes = {{"/deployment/@decode/layout/gpus", {32, 64, 144}},
                 {"/deployment/@decode/layout/ep", {"gpus"}},
                 {"/deployment/@decode/layout/redundant_experts", {"+0"}},
                 {"/deployment/@decode/batching/max_batch", {16, 32, 48, 64, 96, 512}},
                 {"/deployment/@decode/speculation", {Json{{"drafts", 0}}, one_draft}},
                 {"/@prefill_share", {0.15, 0.25, 0.35, 0.45, 0.6, 0.75, 0.85}}};
  search.limits = {read_serving_limit("ttft<=4s@p99", ""), read_serving_limit("tpot<=60ms@p99", "")};
  return space;
}

/// Nodes of Qwen3-235B on H200 that do both, by tensor and expert parallelism and batch.
inline SmallSpace colocated_space() {
  SmallSpace space{"colocated", shipped("qwen3-235b-h200"), {}};
  space.scenario["workload"] = {
      {"saturated", true}, {"input_tokens", 1024}, {"output_tokens", 256}, {"duration", "40 s"}};
  space.scenario["warm_up"] = "20 s";
  space.scenario["warm_start"] = true;
  ServingSearch& search = space.search;
  search.gpus = 16;
  search.axes = {{"/deployment/@colocated/layout/gpus", {4, 8}},
                 {"/deployment/@colocated/layout/tp", {1, 2, 4, 8}},
                 {"/deployment/@colocated/layout/ep", {1, "gpus"}},
                 {"/deployment/@colocated/batching/max_batch", {16, 64, 128, 256}},
                 {"/deployment/@colocated/batching/prefill_first", {true, false}}};
  search.limits = {read_serving_limit("ttft<=2s@p99", ""), read_serving_limit("tpot<=100ms@p99", "")};
  return space;
}

/// The same nodes under arrivals of a given rate: the fewest GPUs that keep up are the best.
inline SmallSpace open_space() {
  SmallSpace space = colocated_space();
  space.name = "open";
  space.scenario["workload"] = {{"arrivals", {{"process", "poisson"}, {"rate_per_s", 20}}},
                                {"input_tokens", 1024},
                                {"output_tokens", 256},
                                {"duration", "60 s"}};
  space.search.gpus.reset();
  space.search.axes = {{"/deployment/node/units", {1, 2, 3, 4, 6}},
                       {"/deployment/node/layout/gpus", {4, 8}},
                       {"/deployment/node/layout/tp", {2, 4, 8}},
                       {"/deployment/node/layout/ep", {"gpus"}},
                       {"/deployment/node/batching/max_batch", {8, 64, 256}}};
  space.search.limits = {read_serving_limit("ttft<=3s@p99", "")};
  return space;
}

}  // namespace moesim::tests
