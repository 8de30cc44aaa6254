#include "sim/planner/search/serving_search.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "sim/planner/search/serving_candidates.hpp"
#include "sim/planner/search/serving_failure.hpp"
#include "sim/planner/search/serving_ranking.hpp"
#include "sim/planner/search/serving_why.hpp"
#include "sim/results/store.hpp"
#include "sim/runner/result_document.hpp"
#include "sim/serving/serving_summary.hpp"

namespace moesim {
namespace {

std::size_t count(const std::vector<ServingCandidate>& candidates, CandidateState state) {
  return static_cast<std::size_t>(std::ranges::count(candidates, state, &ServingCandidate::state));
}

Json changes_json(const ServingPoint& point) {
  Json changes = Json::object();
  for (std::size_t i = 0; i < point.pointers.size(); ++i) changes[point.pointers[i]] = point.values[i];
  return changes;
}

Json layout_json(const ServingInputs& inputs) {
  Json pools = Json::object();
  for (const auto& pool : inputs.pools) {
    const UnitLayout& layout = pool->spec.layout;
    Json& out = pools[pool->name];
    out = {{"units", pool->spec.units},
           {"gpus", layout.gpus},
           {"tp", layout.tp},
           {"ep", layout.ep},
           {"redundant_experts", layout.redundant_experts}};
    if (!ServingInputs::generates(*pool)) continue;
    out["max_batch"] = pool->spec.batching.max_batch;
    out["drafts"] = pool->spec.speculation.drafts;
  }
  return pools;
}

Json entry_json(const ServingCandidates& source, const ServingSearch& search,
                const ServingCandidate& candidate) {
  Json out{{"changes", changes_json(candidate.point)}, {"layout", layout_json(*source.inputs_of(candidate))}};
  out["value"] = figure_value(search.objective, candidate.figures.rates);
  if (const double use = source.prompt_use(candidate); use > 0) out["prefill_use_fraction"] = use;
  out["figures"] = figures_json(candidate.figures);
  return out;
}

Json best_json(const ServingCandidates& source, const ServingSearch& search,
               const std::vector<ServingCandidate>& candidates, const std::vector<std::size_t>& best) {
  Json out = Json::array();
  for (const std::size_t i : best) {
    Json entry{{"rank", out.size() + 1}};
    entry.update(entry_json(source, search, candidates[i]));
    out.push_back(std::move(entry));
  }
  return out;
}

Json front_json(const ServingCandidates& source, const ServingSearch& search,
                const std::vector<ServingCandidate>& candidates, const std::vector<std::size_t>& front) {
  Json out = Json::array();
  for (const std::size_t i : front) {
    const ServingRates& rates = candidates[i].figures.rates;
    Json entry{{"tokens_per_s_per_gpu", rates.tokens_per_s_per_gpu},
               {"tokens_per_s_per_user", rates.tokens_per_s_per_user},
               {"holds_constraints", candidates[i].good}};
    entry.update(entry_json(source, search, candidates[i]));
    out.push_back(std::move(entry));
  }
  return out;
}

Json invalid_json(const std::vector<ServingCandidate>& candidates) {
  std::map<std::string, std::size_t> by_reason;
  for (const ServingCandidate& candidate : candidates) {
    if (candidate.state != CandidateState::invalid) continue;
    ++by_reason[candidate.pointer.empty() ? candidate.reason
                                          : fmt::format("{}: {}", candidate.pointer, candidate.reason)];
  }
  Json out = Json::object();
  for (const auto& [reason, points] : by_reason) out[reason] = points;
  return out;
}

/// By how much the scenario's own deployment is worse than the best, as a share of the better one's figure
/// for throughput, of its own for what is to be small; null where it cannot be run or misses a constraint.
Json gap_json(const ServingSearch& search, const ServingCandidate& own, const ServingCandidate& best) {
  if (!own.good) return nullptr;
  const double ours = figure_value(search.objective, own.figures.rates);
  const double theirs = figure_value(search.objective, best.figures.rates);
  return search.objective == Objective::throughput ? 1 - ours / theirs : 1 - theirs / ours;
}

Json own_json(const ServingCandidates& source, const ServingSearch& search, const ServingCandidate& own,
              const std::vector<ServingCandidate>& candidates, const std::vector<std::size_t>& front) {
  if (own.state != CandidateState::evaluated) return {{"fault", own.reason}};
  Json out = entry_json(source, search, own);
  out["holds_constraints"] = own.good;
  if (!own.figures.unsteady.empty()) out["fault"] = own.figures.unsteady;
  // The first of the front, from the slowest users on, that gives users at least as much.
  for (const std::size_t i : front) {
    const ServingRates& rates = candidates[i].figures.rates;
    if (rates.tokens_per_s_per_user < own.figures.rates.tokens_per_s_per_user) continue;
    out["below_front_fraction"] = 1 - own.figures.rates.tokens_per_s_per_gpu / rates.tokens_per_s_per_gpu;
    break;
  }
  return out;
}

Json constraints_json(const ServingSearch& search) {
  Json out = Json::array();
  for (const ServingLimit& limit : search.limits) out.push_back(limit.text);
  return out;
}

ResultHeader header_of(const ServingInputs& inputs, int gpus, std::uint64_t runs) {
  ResultHeader header;
  header.kind = "search";
  header.seed = inputs.scenario.seed;
  header.model = inputs.model.name;
  double nodes = 0;
  std::vector<std::string> clusters;
  for (const auto& pool : inputs.pools) {
    nodes += pool->spec.units * pool->nodes_per_unit();
    if (std::ranges::find(clusters, pool->cluster.name) == clusters.end())
      clusters.push_back(pool->cluster.name);
  }
  header.cluster = fmt::format("{}", fmt::join(clusters, ", "));
  header.num_gpus = gpus;
  header.num_nodes = std::max(1, static_cast<int>(nodes + 0.5));
  header.engine = "serving fleet";
  header.num_simulated_gpus = gpus;
  header.num_operations = runs;
  header.warnings = inputs.warnings;
  return header;
}

void add_counts(Json& summary, const std::vector<ServingCandidate>& candidates) {
  const std::size_t evaluated = count(candidates, CandidateState::evaluated);
  const std::size_t memory = count(candidates, CandidateState::memory);
  const std::size_t bound = count(candidates, CandidateState::bound);
  summary["points_total"] = candidates.size();
  summary["invalid"] = invalid_json(candidates);
  summary["layouts_total"] = evaluated + memory + bound;
  summary["evaluated"] = evaluated;
  summary["pruned_by_memory"] = memory;
  summary["pruned_by_bound"] = bound;
}

void check_points(const ServingSpace& space) {
  if (space.num_points() <= kMostServingPoints) return;
  throw SpecError(space.file(), "", fmt::format("a space of {} points", space.num_points()),
                  fmt::format("vary fewer values: at most {} points are looked at", kMostServingPoints));
}

/// The provenance of the winner's run, which is played once more for it.
Json provenance_of(const ServingInputs& inputs) {
  NullSink sink;
  return serving_provenance(inputs, run_serving(inputs, {}, nullptr, sink));
}

}  // namespace

Json search_serving(const Json& scenario, const std::string& file, const ServingSearch& search) {
  check_limits(search.limits, "--constraint");
  const Json complete = write_spec(read_spec<ServingScenario>(scenario, file));
  ServingCandidates source(complete, file, search);
  check_points(source.space());
  require_generation(complete, file);
  if (search.progress) search.progress(0, "layouts");
  std::vector<ServingCandidate> candidates = source.classify();
  if (search.progress) search.progress(0.2, "fleets");
  ServingRanking ranking(source, search, candidates);
  ranking.run();
  const std::vector<std::size_t> best = ranking.best();
  if (best.empty()) throw nothing_holds(file, search, candidates);
  const std::vector<std::size_t> front = ranking.front();
  const ServingCandidate own = source.own();
  const ServingCandidate& winner = candidates[best.front()];
  const auto inputs = source.inputs_of(winner);

  Json document =
      result_document(header_of(*inputs, winner.gpus, count(candidates, CandidateState::evaluated)), complete,
                      provenance_of(*inputs));
  if (search.seed) document["scenario"]["seed"] = *search.seed;
  Json summary{{"objective", enum_name(search.objective)},
               {"figure", figure_name(search.objective)},
               {"constraints", constraints_json(search)},
               {"gpus", search.gpus ? Json(*search.gpus) : Json(nullptr)},
               {"space", source.space().axes_json()}};
  add_counts(summary, candidates);
  summary["published_layout_gap_fraction"] = gap_json(search, own, winner);
  summary["own"] = own_json(source, search, own, candidates, front);
  summary["best"] = best_json(source, search, candidates, best);
  summary["pareto"] = front_json(source, search, candidates, front);
  summary["why"] = why_json(source, search, candidates, best);
  document["summary"] = std::move(summary);
  require_finite(document);
  return document;
}

}  // namespace moesim
