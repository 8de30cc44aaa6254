#include "sim/planner/search/training_search.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "sim/planner/search/training_failure.hpp"
#include "sim/planner/search/training_ranking.hpp"
#include "sim/planner/search/training_verify.hpp"
#include "sim/planner/search/training_why.hpp"
#include "sim/runner/result_document.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {
namespace {

constexpr auto kLimitNames =
    std::to_array<LimitName>({{"memory", "memory_per_gpu_B.max", LimitUnit::bytes},
                              {"bubble", "bubble_fraction_mean", LimitUnit::fraction},
                              {"exposed", "exposed_communication_fraction", LimitUnit::fraction},
                              {"batch", "global_batch", LimitUnit::number},
                              {"microbatches", "num_microbatches", LimitUnit::number},
                              {"step", "step_time_s", LimitUnit::time},
                              {"mfu", "mfu_causal", LimitUnit::fraction},
                              {"throughput", "tokens_per_s_per_gpu", LimitUnit::number},
                              {"cost", "cost_usd_per_trillion_tokens", LimitUnit::number},
                              {"energy", "energy_J_per_token", LimitUnit::number}});

std::size_t count(const std::vector<TrainingCandidate>& candidates, LayoutState state) {
  return static_cast<std::size_t>(std::ranges::count(candidates, state, &TrainingCandidate::state));
}

/// Everything about one search that its document is made of.
struct Found {
  const TrainingSpace& space;
  const TrainingSearch& search;
  const TrainingCandidates& source;
  std::vector<TrainingCandidate> candidates;
  std::vector<std::size_t> best;
  TrainingCandidate own;
};

Json entry_json(const Found& found, const TrainingCandidate& candidate) {
  const Json figures = shown_figures(candidate);
  return {{"changes", found.space.changes(candidate.index)},
          {"layout", write_spec(found.space.at(candidate.index).layout)},
          {"value", figures.at(std::string(figure_key(found.search.objective)))},
          {"figures", figures}};
}

Json best_json(const Found& found) {
  Json out = Json::array();
  for (const std::size_t i : found.best) {
    Json entry{{"rank", out.size() + 1}};
    entry.update(entry_json(found, found.candidates[i]));
    out.push_back(std::move(entry));
  }
  return out;
}

/// By how much the scenario's own layout is worse than the best: the share of throughput that it lacks, or of
/// its cost that it has too much. Null where it does not fit or misses a limit.
Json gap_json(const Found& found) {
  if (!found.own.good) return nullptr;
  return 1 - found.candidates[found.best.front()].score / found.own.score;
}

Json own_json(const Found& found) {
  switch (found.own.state) {
    case LayoutState::evaluated:
      break;
    case LayoutState::memory:
      return {{"fault", fmt::format("{:.1f} GiB more than {}", found.own.excess_B / 0x1p30,
                                    found.own.reason.empty() ? "there is" : found.own.reason + " allows")}};
    default:
      return {{"fault", found.own.reason}};
  }
  Json out = entry_json(found, found.own);
  out["holds_constraints"] = found.own.good;
  const std::string text = found.space.at(kOwnPoint).text;
  out["in_space"] = std::ranges::any_of(found.candidates, [&](const TrainingCandidate& candidate) {
    return candidate.state != LayoutState::invalid && found.space.at(candidate.index).text == text;
  });
  return out;
}

Json why_json(const Found& found) {
  const auto winner = found.source.inputs_of(found.candidates[found.best.front()]);
  std::unique_ptr<TrainingInputs> runner_up;
  if (found.best.size() > 1) runner_up = found.source.inputs_of(found.candidates[found.best[1]]);
  std::unique_ptr<TrainingInputs> own;
  if (found.own.state == LayoutState::evaluated) own = found.source.inputs_of(found.own);
  Json out{
      {"winner", found.space.changes(found.candidates[found.best.front()].index)},
      {"runner_up", runner_up ? found.space.changes(found.candidates[found.best[1]].index) : Json(nullptr)}};
  out.update(layouts_compared(*winner, runner_up.get(), own.get(), found.search.threads));
  if (own && write_spec(own->layout()) != write_spec(winner->layout()))
    out["against_own"] = assumptions_behind(*winner, *own, found.search.threads);
  out["warnings"] = winner->warnings;
  return out;
}

Json invalid_json(const std::vector<TrainingCandidate>& candidates) {
  std::map<std::string, std::size_t> by_reason;
  for (const TrainingCandidate& candidate : candidates) {
    if (candidate.state == LayoutState::invalid) ++by_reason[candidate.reason];
  }
  Json out = Json::object();
  for (const auto& [reason, points] : by_reason) out[reason] = points;
  return out;
}

Json summary_of(const Found& found) {
  const std::size_t evaluated = count(found.candidates, LayoutState::evaluated);
  const std::size_t memory = count(found.candidates, LayoutState::memory);
  const std::size_t bound = count(found.candidates, LayoutState::bound);
  Json limits = Json::array();
  for (const Limit& limit : found.search.limits) limits.push_back(limit.text);
  Json summary{{"objective", enum_name(found.search.objective)},
               {"figure", figure_key(found.search.objective)},
               {"constraints", limits},
               {"space", found.space.axes_json()},
               {"points_total", found.candidates.size()},
               {"invalid", invalid_json(found.candidates)},
               {"layouts_total", evaluated + memory + bound},
               {"evaluated", evaluated},
               {"pruned_by_memory", memory},
               {"pruned_by_bound", bound},
               {"published_layout_gap_fraction", gap_json(found)},
               {"own", own_json(found)},
               {"best", best_json(found)}};
  if (found.search.explains) summary["why"] = why_json(found);
  return summary;
}

Json document_of(const Found& found, const Json& scenario) {
  const auto winner = found.source.inputs_of(found.candidates[found.best.front()]);
  const StepGraph step = build_step(*winner, {});
  ResultHeader header;
  header.kind = "search";
  header.seed = winner->scenario.seed;
  header.model = winner->model().name;
  header.cluster = winner->cluster().name;
  header.num_gpus = winner->cluster().num_gpus();
  header.num_nodes = winner->cluster().num_nodes;
  header.engine = "replay";
  header.num_simulated_gpus = winner->layout().pp;
  header.num_operations = count(found.candidates, LayoutState::evaluated);
  header.warnings = winner->warnings;
  return result_document(header, scenario, provenance_json(step, engine_input(*winner, step, {}, 1)));
}

}  // namespace

std::span<const LimitName> training_limit_names() {
  return kLimitNames;
}

Json with_gpus(const Json& scenario, const std::string& file, int gpus) {
  const ClusterSpec cluster = load_cluster(scenario.at("cluster"), file);
  if (gpus % cluster.gpus_per_node != 0) {
    throw SpecError("", "", fmt::format("--gpus {}: no whole nodes of {} GPUs", gpus, cluster.gpus_per_node),
                    fmt::format("{} has nodes of {}: try {}", cluster.name, cluster.gpus_per_node,
                                (gpus / cluster.gpus_per_node + 1) * cluster.gpus_per_node));
  }
  Json out = scenario;
  Json& spec = out["cluster"];
  if (spec.is_string()) spec = {{"base", spec}};
  spec["num_nodes"] = gpus / cluster.gpus_per_node;
  return out;
}

Json search_training(const Json& scenario, const std::string& file, const TrainingSearch& search) {
  check_limits(search.limits, "--constraint");
  auto read = read_spec<TrainingScenario>(scenario, file);
  if (search.seed) read.seed = *search.seed;
  const Json complete = write_spec(read);
  if (const std::uint64_t points = num_points(search.axes); points > kMostTrainingPoints) {
    throw SpecError(file, "", fmt::format("a space of {} points", points),
                    fmt::format("vary fewer values: at most {} points are looked at", kMostTrainingPoints));
  }
  const TrainingSpace space(complete, file, search.axes, search.excluded_sources);
  const TrainingCandidates source(space, search);
  Found found{space, search, source, source.classify(), {}, source.classified(kOwnPoint)};
  rank_layouts(source, search, found.candidates);
  found.best = best_layouts(found.candidates, search.num_best);
  if (found.best.empty()) throw no_layout_holds(space, search, found.candidates);
  if (found.own.state == LayoutState::waiting)
    source.evaluate(found.own, std::numeric_limits<double>::infinity());
  if (search.progress) search.progress(0.8, "why");
  Json document = document_of(found, complete);
  document["summary"] = summary_of(found);
  if (search.progress) search.progress(0.9, "simgrid");
  verify_best(space, search, document["summary"]);
  require_finite(document);
  return document;
}

}  // namespace moesim
