#include "sim/training/batch_run.hpp"

#include "sim/cluster/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/training/training_run.hpp"

namespace moesim {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kSecondsPerDay = 86400;

/// A layout's pipelines, as far as a batch has to fit them.
struct Pipelines {
  ScheduleShape shape;
  std::int64_t sequences = 1;  ///< of one micro-batch on every replica

  [[nodiscard]] bool runs(std::int64_t batch) const {
    const std::int64_t count = batch / sequences;
    constexpr std::int64_t kMost = 1 << 16;
    ScheduleShape of_batch = shape;
    of_batch.num_microbatches = static_cast<int>(std::min(count, kMost));
    return batch % sequences == 0 && count < kMost && !violation(of_batch);
  }
  /// Sequences between two batches that the schedule runs.
  [[nodiscard]] std::int64_t spacing() const {
    const int num_ranks = shape.num_ranks;
    const std::int64_t enough = 8 * std::int64_t{num_ranks};
    for (std::int64_t k = 1; k <= num_ranks; ++k) {
      if (runs((enough + k) * sequences)) return k * sequences;
    }
    return num_ranks * sequences;
  }
};

Pipelines pipelines_of(const Layout& layout, int num_gpus) {
  const std::int64_t replicas = num_gpus / (layout.tp * layout.cp * layout.pp);
  return {layout.pipeline(), replicas * layout.micro_batch};
}

/// The scenario with recipe.fallback in place of what it names, and one batch. Throws PlanError.
PlanInput with_fallback(const TrainingInputs& inputs, TrainingScenario& scenario) {
  const BatchFallback& fallback = *inputs.recipe().fallback;
  PlanInput input = inputs.plan.input;
  input.layer_times.reset();
  Layout& layout = input.layout;
  if (fallback.schedule) {
    const auto known =
        std::ranges::find(kScheduleNames, *fallback.schedule, [](const auto& row) { return row.second; });
    if (known == kScheduleNames.end()) {
      throw PlanError({{"/recipe/fallback/schedule", fmt::format("no schedule \"{}\"", *fallback.schedule),
                        fmt::format("for example \"{}\"", kScheduleNames.front().second)}});
    }
    layout.schedule = known->first;
    if (vpp_violation(layout.schedule, layout.vpp)) layout.vpp = 1;
  }
  if (fallback.replicas) {
    const int gpus = *fallback.replicas * layout.tp * layout.cp * layout.pp;
    const int per_node = input.cluster.gpus_per_node;
    if (gpus > input.cluster.num_gpus() || gpus % per_node != 0) {
      throw PlanError(
          {{"/recipe/fallback/replicas",
            fmt::format("{} replicas are {} GPUs of {}", *fallback.replicas, gpus, input.cluster.num_gpus()),
            fmt::format("whole nodes of {} GPUs, no more than there are", per_node)}});
    }
    input.cluster.num_nodes = gpus / per_node;
  }
  scenario.layout = layout;
  return input;
}

/// Inputs of one level.
TrainingInputs at_level(const TrainingInputs& inputs, const BatchLevel& level) {
  TrainingScenario scenario = inputs.scenario;
  PlanInput input = inputs.plan.input;
  input.layer_times.reset();
  if (level.on_fallback) input = with_fallback(inputs, scenario);
  input.recipe.global_batch = scenario.recipe.global_batch = level.global_batch;
  input.recipe.batch_schedule.reset();
  return make_training(scenario, std::move(input), inputs.profile, inputs.stack);
}

/// Replayed step times by batch, with straight lines between them.
class StepTimes {
 public:
  StepTimes(const TrainingInputs& inputs, std::span<const BatchLevel> levels) {
    constexpr std::size_t kMostReplays = 5;
    const std::size_t count = std::min(kMostReplays, levels.size());
    for (std::size_t i = 0; i < count; ++i) {
      const BatchLevel& level = levels[count == 1 ? 0 : i * (levels.size() - 1) / (count - 1)];
      points_.emplace_back(static_cast<double>(level.global_batch),
                           step_seconds(at_level(inputs, level), {}));
    }
  }
  [[nodiscard]] double at(std::int64_t batch) const {
    const auto wanted = static_cast<double>(batch);
    std::size_t above = 0;
    while (above + 1 < points_.size() && points_[above].first < wanted) ++above;
    if (above == 0) return points_[0].second;
    const auto& [low, low_s] = points_[above - 1];
    const auto& [high, high_s] = points_[above];
    return low_s + (high_s - low_s) * (wanted - low) / (high - low);
  }

 private:
  std::vector<std::pair<double, double>> points_;
};

struct RunSums {
  double tokens = 0, steps = 0, seconds = 0, fallback_tokens = 0, fallback_s = 0;

  void add(const BatchLevel& level, double step_s, std::int64_t sequence_length) {
    const double count = level.tokens / static_cast<double>(level.global_batch * sequence_length);
    tokens += level.tokens;
    steps += count;
    seconds += count * step_s;
    if (!level.on_fallback) return;
    fallback_tokens += level.tokens;
    fallback_s += count * step_s;
  }
  [[nodiscard]] Json json(const TrainingInputs& inputs) const {
    const double gpu_hours = seconds * inputs.cluster().num_gpus() / kSecondsPerHour;
    Json json{{"tokens", tokens},
              {"steps", steps},
              {"days", seconds / kSecondsPerDay},
              {"gpu_hours", gpu_hours},
              {"gpu_hours_per_trillion_tokens", gpu_hours / tokens * 1e12},
              {"fallback_tokens_fraction", fallback_tokens / tokens},
              {"fallback_time_fraction", fallback_s / seconds}};
    if (fallback_tokens > 0) json["fallback"] = write_spec(*inputs.recipe().fallback);
    return json;
  }
};

/// Levels of the same phase and layout that follow each other from `first`.
std::size_t end_of_group(const std::vector<BatchLevel>& levels, std::size_t first) {
  std::size_t end = first + 1;
  while (end < levels.size() && levels[end].phase == levels[first].phase &&
         levels[end].on_fallback == levels[first].on_fallback)
    ++end;
  return end;
}

}  // namespace

std::vector<BatchLevel> batch_levels(const TrainingInputs& inputs) {
  const std::vector<BatchPhase>& schedule = *inputs.recipe().batch_schedule;
  const Pipelines own = pipelines_of(inputs.layout(), inputs.cluster().num_gpus());
  std::optional<Pipelines> fallback;
  if (inputs.recipe().fallback) {
    TrainingScenario scenario = inputs.scenario;
    const PlanInput input = with_fallback(inputs, scenario);
    fallback = pipelines_of(input.layout, input.cluster.num_gpus());
  }
  std::vector<BatchLevel> levels;
  std::vector<PlanError::Violation> refused;
  for (std::size_t phase = 0; phase < schedule.size(); ++phase) {
    const std::int64_t from = schedule[phase].global_batch, to = schedule[phase].to.value_or(from);
    const std::size_t first = levels.size();
    std::optional<std::int64_t> unrunnable;
    const std::int64_t by = from <= to ? own.spacing() : -own.spacing();
    for (std::int64_t batch = from; by > 0 ? batch <= to : batch >= to; batch += by) {
      const bool runs = own.runs(batch);
      if (!runs && !(fallback && fallback->runs(batch)) && !unrunnable) unrunnable = batch;
      levels.push_back({batch, 0, phase, !runs});
    }
    for (std::size_t i = first; i < levels.size(); ++i) {
      levels[i].tokens =
          static_cast<double>(schedule[phase].tokens) / static_cast<double>(levels.size() - first);
    }
    if (!unrunnable) continue;
    refused.push_back(
        {fmt::format("/recipe/batch_schedule/{}", phase),
         fmt::format("{} sequences are {:g} micro-batches of {} on each replica, which {} does not run",
                     *unrunnable, static_cast<double>(*unrunnable) / static_cast<double>(own.sequences),
                     inputs.layout().micro_batch, to_string(inputs.layout().schedule)),
         fallback ? "a fallback that runs them" : "recipe.fallback, for example {\"schedule\": \"1f1b\"}"});
  }
  if (!refused.empty()) throw PlanError(std::move(refused));
  return levels;
}

Json batch_run_json(const TrainingInputs& inputs, double gpu_watts) {
  const std::vector<BatchLevel> levels = batch_levels(inputs);
  const std::int64_t length = inputs.recipe().sequence_length;
  RunSums all;
  std::vector<RunSums> phases(inputs.recipe().batch_schedule->size());
  for (std::size_t first = 0; first < levels.size();) {
    const std::size_t end = end_of_group(levels, first);
    const StepTimes times(inputs, std::span(levels).subspan(first, end - first));
    for (; first < end; ++first) {
      const double step_s = times.at(levels[first].global_batch);
      all.add(levels[first], step_s, length);
      phases[levels[first].phase].add(levels[first], step_s, length);
    }
  }
  Json json = all.json(inputs);
  const double gpu_s = json["gpu_hours"].get<double>() * kSecondsPerHour;
  const CostParts cost = cost_of(inputs.cluster(), gpu_s, gpu_s * gpu_watts);
  json["cost_usd"] = cost.total();
  if (inputs.cluster().price) json["cost_parts_usd"] = cost_json(cost);
  json["phases"] = Json::array();
  for (const RunSums& phase : phases) json["phases"].push_back(phase.json(inputs));
  return json;
}

}  // namespace moesim
