#include "sim/planner/search/serving_candidates.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "sim/planner/search/in_parallel.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/serving/serving_run.hpp"

namespace moesim {
namespace {

/// Units of all pools that run on one cluster, and what it has.
std::string room_fault(const ServingInputs& inputs) {
  std::map<std::string, std::pair<int, int>> gpus;
  for (const auto& pool : inputs.pools) {
    auto& [asked, there] = gpus[pool->cluster.name];
    asked += pool->spec.units * pool->spec.layout.gpus;
    there = pool->cluster.num_gpus();
  }
  for (const auto& [name, counts] : gpus) {
    if (counts.first > counts.second) return "more GPUs than the cluster has";
  }
  return "";
}

void forbid(ServingCandidate& candidate, CandidateState state, std::string pointer, std::string reason) {
  candidate.state = state;
  candidate.pointer = std::move(pointer);
  candidate.reason = std::move(reason);
}

std::vector<ServingLimit> without_user(std::span<const ServingLimit> limits) {
  std::vector<ServingLimit> out;
  for (const ServingLimit& limit : limits) {
    if (!limit.of_user) out.push_back(limit);
  }
  return out;
}

bool holds(std::span<const ServingLimit> limits, const ServingFigures& figures) {
  return std::ranges::all_of(limits, [&](const ServingLimit& limit) {
    const std::optional<double> value = value_of(limit, figures);
    return value && miss_fraction(limit, *value) == 0;
  });
}

}  // namespace

ServingCandidates::ServingCandidates(const Json& scenario, const std::string& file,
                                     const ServingSearch& search)
    : file_(file),
      search_(search),
      shared_limits_(without_user(search.limits)),
      space_(scenario, file, search.axes, search.gpus, search.lenient),
      deployments_(file, search.excluded_sources) {}

ServingScenario ServingCandidates::read(const ServingCandidate& candidate) const {
  auto scenario = read_spec<ServingScenario>(space_.scenario_of(candidate.point), file_);
  if (search_.seed) scenario.seed = *search_.seed;
  return scenario;
}

std::unique_ptr<ServingInputs> ServingCandidates::inputs_of(const ServingCandidate& candidate) const {
  const ServingScenario scenario = read(candidate);
  return ServingDeployments::inputs_of(deployments_.of(scenario), scenario);
}

void ServingCandidates::prepare(ServingCandidate& candidate) const {
  ServingScenario scenario;
  try {
    scenario = read(candidate);
  } catch (const SpecErrors& error) {
    return forbid(candidate, CandidateState::invalid, error.pointer, error.what_text);
  }
  const ServingDeployment& deployment = deployments_.of(scenario);
  if (!deployment.violations.empty()) {
    const auto& first = deployment.violations.front();
    return forbid(candidate, deployment.memory_alone ? CandidateState::memory : CandidateState::invalid,
                  first.pointer, first.what);
  }
  const auto inputs = ServingDeployments::inputs_of(deployment, scenario);
  candidate.gpus = gpus_of(*inputs);
  if (std::string fault = room_fault(*inputs); !fault.empty())
    return forbid(candidate, CandidateState::invalid, "/deployment", std::move(fault));
  const ServingDemand& demand = deployment.demand;
  if (!cache_fits(*inputs, demand))
    return forbid(candidate, CandidateState::memory, "/deployment", "no KV cache for so large a batch");
  candidate.bound = serving_bound(*inputs, demand, bound_limits(search_.limits));
  candidate.reach = serving_bound(*inputs, demand, bound_limits(shared_limits_));
}

std::vector<ServingCandidate> ServingCandidates::classify() {
  std::vector<ServingCandidate> candidates(space_.num_points());
  std::map<std::string, std::size_t> known;
  std::vector<std::size_t> distinct;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    candidates[i].point = space_.at(i);
    if (!candidates[i].point.reason.empty())
      forbid(candidates[i], CandidateState::invalid, "/deployment", candidates[i].point.reason);
    else if (!known.emplace(write_json(space_.scenario_of(candidates[i].point), -1), i).second)
      forbid(candidates[i], CandidateState::invalid, "", "the deployment of another point");
    else
      distinct.push_back(i);
  }
  in_parallel(distinct.size(), search_.threads, [&](std::size_t i) { prepare(candidates[distinct[i]]); });
  return candidates;
}

void ServingCandidates::judge(ServingCandidate& candidate) const {
  const bool steady = candidate.figures.unsteady.empty();
  candidate.good = steady && holds(search_.limits, candidate.figures);
  candidate.in_front = steady && holds(shared_limits_, candidate.figures);
}

void ServingCandidates::evaluate(ServingCandidate& candidate) const {
  const auto inputs = inputs_of(candidate);
  NullSink sink;
  try {
    candidate.figures = serving_figures(*inputs, run_serving(*inputs, {}, nullptr, sink));
  } catch (const RunError& error) {
    candidate.figures.unsteady = error.what();
  }
  candidate.state = CandidateState::evaluated;
  judge(candidate);
}

ServingCandidate ServingCandidates::own() {
  ServingCandidate candidate;
  prepare(candidate);
  if (candidate.state == CandidateState::waiting) evaluate(candidate);
  return candidate;
}

double ServingCandidates::prompt_use(const ServingCandidate& candidate) const {
  const ServingScenario scenario = read(candidate);
  const ServingDeployment& deployment = deployments_.of(scenario);
  const auto inputs = ServingDeployments::inputs_of(deployment, scenario);
  return moesim::prompt_use(*inputs, deployment.demand,
                            candidate.figures.rates.tokens_per_s_per_gpu * candidate.gpus);
}

}  // namespace moesim
