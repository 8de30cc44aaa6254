#include "sim/planner/search/training_candidates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.hpp"
#include "sim/engine/lower_bound.hpp"
#include "sim/engine/replay/replay_engine.hpp"
#include "sim/planner/search/in_parallel.hpp"
#include "sim/runner/summary_metric.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {
namespace {

constexpr const char* kDouble = "the same as an earlier layout";
constexpr const char* kMemoryFigure = "memory_per_gpu_B.max";

struct ShownFigure {
  const char* key;
  const char* metric;  ///< dotted path into the summary
};
constexpr auto kShownFigures =
    std::to_array<ShownFigure>({{"step_time_s", "step_time_s"},
                                {"tokens_per_s_per_gpu", "tokens_per_s_per_gpu"},
                                {"mfu_causal", "mfu_causal"},
                                {"bubble_fraction_mean", "bubble_fraction_mean"},
                                {"exposed_communication_fraction", "exposed_communication_fraction"},
                                {"gpu_hours_per_trillion_tokens", "gpu_hours_per_trillion_tokens"},
                                {"cost_usd_per_trillion_tokens", "cost_usd_per_trillion_tokens"},
                                {"energy_J_per_token", "energy_J_per_token"},
                                {"memory_per_gpu_B", kMemoryFigure}});

/// Jitter is drawn for each operation with mean 1. A lane of n operations ends this share of its time earlier
/// at most: five standard deviations of their mean.
double jitter_margin(const TrainingInputs& inputs, int num_operations) {
  return 5 * inputs.cluster().operator_jitter / std::sqrt(std::max(1, num_operations));
}

/// A step that takes `bound`, whose GPUs compute for computation_s: what no layout's summary is better than.
Json bound_figures(const TrainingInputs& inputs, const StepGraph& loads, double step_s,
                   double computation_s) {
  EngineResult result;
  result.makespan_s = step_s;
  result.ranks.resize(static_cast<std::size_t>(inputs.plan.schedule.num_ranks));
  for (RankTimes& rank : result.ranks)
    rank.busy_s[static_cast<std::size_t>(Lane::computation)] = computation_s;
  return training_summary(inputs, loads, result, std::nullopt);
}

}  // namespace

std::string_view figure_key(Objective objective) {
  switch (objective) {
    case Objective::throughput:
      return "tokens_per_s_per_gpu";
    case Objective::cost:
      return "cost_usd_per_trillion_tokens";
    case Objective::latency:
      return "step_time_s";
    case Objective::energy:
      return "energy_J_per_token";
  }
  return {};
}

double score_of(Objective objective, const Json& figures) {
  const double value = figures.at(std::string(figure_key(objective))).get<double>();
  return objective == Objective::throughput ? 1 / value : value;
}

Json shown_figures(const TrainingCandidate& candidate) {
  Json shown = Json::object();
  for (std::size_t i = 0; i < kShownFigures.size(); ++i) shown[kShownFigures[i].key] = candidate.figures[i];
  return shown;
}

std::vector<TrainingCandidate> TrainingCandidates::classify() const {
  const auto num = static_cast<std::size_t>(space_.num_points());
  std::vector<TrainingCandidate> candidates(num);
  std::vector<std::string> texts(num);
  in_parallel(num, search_.threads, [&](std::size_t i) {
    const TrainingPoint point = space_.at(i);
    candidates[i].index = i;
    candidates[i].reason = space_.violation(point);
    if (candidates[i].reason.empty()) {
      texts[i] = point.text;
    } else {
      candidates[i].state = LayoutState::invalid;
    }
  });
  std::unordered_set<std::string> known;
  for (std::size_t i = 0; i < num; ++i) {
    if (candidates[i].state == LayoutState::invalid || known.insert(std::move(texts[i])).second) continue;
    candidates[i].state = LayoutState::invalid;
    candidates[i].reason = kDouble;
  }
  known.clear();
  in_parallel(num, search_.threads, [&](std::size_t i) {
    if (candidates[i].state == LayoutState::waiting) bound(space_.at(i), candidates[i]);
    if (search_.progress && i % 256 == 0)
      search_.progress(0.4 * static_cast<double>(i) / static_cast<double>(num), "layouts");
  });
  return candidates;
}

TrainingCandidate TrainingCandidates::classified(std::uint64_t index) const {
  TrainingCandidate candidate;
  candidate.index = index;
  const TrainingPoint point = space_.at(index);
  candidate.reason = space_.violation(point);
  if (candidate.reason.empty()) {
    bound(point, candidate);
  } else {
    candidate.state = LayoutState::invalid;
  }
  return candidate;
}

void TrainingCandidates::bound(const TrainingPoint& point, TrainingCandidate& candidate) const {
  std::unique_ptr<TrainingInputs> inputs;
  try {
    inputs = space_.inputs_of(point);
    double excess =
        (inputs->plan.memory.peak() + inputs->plan.memory.reserve - inputs->plan.memory.capacity).value();
    const bool fits = excess <= 0;
    for (const Limit& limit : search_.limits) {
      if (limit.figure != kMemoryFigure || !limit.at_most) continue;
      const double above = inputs->plan.memory.peak().value() - limit.value;
      if (fits && above > std::max(0.0, excess)) candidate.reason = limit.text;
      excess = std::max(excess, above);
    }
    candidate.excess_B = std::max(0.0, excess);
    if (excess > 0) {
      candidate.state = LayoutState::memory;
      return;
    }
    StepBlocks step = price_step(*inputs, {});
    const PassBound bound =
        bound_of_passes(inputs->plan.schedule, step.blocks, representative_gpus(*inputs, step.loads, {}));
    candidate.computation_s = bound.computation_s;
    candidate.num_computations = bound.num_computations;
    const double share = 1 - jitter_margin(*inputs, bound.num_computations);
    const StepGraph loads{{}, {}, std::move(step.loads)};
    candidate.bound = score_of(
        search_.objective, bound_figures(*inputs, loads, share * bound.seconds, share * bound.computation_s));
  } catch (const PlanError& error) {
    candidate.state = LayoutState::invalid;
    candidate.reason = error.violations.front().pointer;
  } catch (const CalibrationError& error) {
    candidate.state = LayoutState::invalid;
    candidate.reason = error.what_text;
  }
}

std::unique_ptr<TrainingInputs> TrainingCandidates::inputs_of(const TrainingCandidate& candidate) const {
  return space_.inputs_of(space_.at(candidate.index));
}

void TrainingCandidates::evaluate(TrainingCandidate& candidate, double threshold) const {
  const std::unique_ptr<TrainingInputs> inputs = inputs_of(candidate);
  const StepGraph step = build_step(*inputs, {});
  const LaneProgram program(step.graph, 1, false);
  if (std::isfinite(threshold)) {
    const double share = 1 - jitter_margin(*inputs, candidate.num_computations);
    const double bound_s = lower_bound(program, representative_gpus(*inputs, step.loads, {})).seconds();
    const Json figures = bound_figures(*inputs, step, share * bound_s, share * candidate.computation_s);
    candidate.bound = std::max(candidate.bound, score_of(search_.objective, figures));
    if (candidate.bound > threshold) {
      candidate.state = LayoutState::bound;
      return;
    }
  }
  judge(figures_of(*inputs, step, program), candidate);
}

/// The summary of a step, with global_batch and num_microbatches.
Json TrainingCandidates::figures_of(const TrainingInputs& inputs, const StepGraph& step,
                                    const LaneProgram& program) const {
  EngineInput input = engine_input(inputs, step, {}, 1);
  input.jitter = jitter_of(input);
  Json figures = training_summary(inputs, step, replay_times(input, program), std::nullopt);
  figures["global_batch"] = inputs.recipe().global_batch;
  figures["num_microbatches"] = inputs.plan.num_microbatches();
  return figures;
}

std::shared_ptr<JitterTable> TrainingCandidates::jitter_of(const EngineInput& input) const {
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find_if(
      jitters_, [&](const auto& table) { return table->is_of(input.jitter_sigma, input.seed); });
  if (known != jitters_.end()) return *known;
  return jitters_.emplace_back(std::make_shared<JitterTable>(input.jitter_sigma, input.seed));
}

void TrainingCandidates::judge(const Json& figures, TrainingCandidate& candidate) const {
  candidate.state = LayoutState::evaluated;
  candidate.score = score_of(search_.objective, figures);
  candidate.good = true;
  for (const Limit& limit : search_.limits) {
    candidate.misses.push_back(miss_fraction(limit, summary_metric(figures, limit.figure)));
    candidate.good = candidate.good && candidate.misses.back() == 0;
  }
  for (const ShownFigure& shown : kShownFigures)
    candidate.figures.push_back(summary_metric(figures, shown.metric));
}

}  // namespace moesim
