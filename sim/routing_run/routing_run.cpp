#include "sim/routing_run/routing_run.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "sim/routing_run/recorded_steps.hpp"
#include "sim/routing_run/routed_layer.hpp"
#include "sim/routing_run/step_series.hpp"
#include "sim/routing_run/task_pool.hpp"

namespace moesim {
namespace {

using Layers = std::vector<std::unique_ptr<RoutedLayer>>;

std::vector<std::uint32_t> rounded(std::span<const double> tokens) {
  std::vector<std::uint32_t> counts;
  counts.reserve(tokens.size());
  for (const double count : tokens) counts.push_back(static_cast<std::uint32_t>(std::llround(count)));
  return counts;
}

/// Plays the steps of all layers on the threads of a pool.
class StepPlayer {
 public:
  StepPlayer(const RoutingInputs& inputs, int threads)
      : pool_(threads), scratch_(pool_.num_threads()), layers_(inputs.layers.size()) {
    if (inputs.scenario.recorded) {
      recorded_.emplace(inputs);
      for (std::size_t i = 0; i < layers_.size(); ++i)
        layers_[i] = std::make_unique<RoutedLayer>(inputs, inputs.layers[i]);
      return;
    }
    const SharedRouting shared(inputs);
    pool_.run(layers_.size(), [&](std::size_t i, std::size_t) {
      layers_[i] = std::make_unique<RoutedLayer>(inputs, shared, inputs.layers[i]);
    });
  }

  /// The layers after the step.
  const Layers& play(std::int64_t step) {
    if (recorded_) {
      recorded_->read_step();
      pool_.run(layers_.size(), [&](std::size_t i, std::size_t) { layers_[i]->play(*recorded_, i, step); });
      return layers_;
    }
    pool_.run(layers_.size(), [&](std::size_t i, std::size_t) { layers_[i]->begin_step(step); });
    const std::size_t chunks = layers_.front()->router().num_chunks();
    pool_.run(layers_.size() * chunks, [&](std::size_t task, std::size_t thread) {
      layers_[task / chunks]->router().route_chunk(task % chunks, scratch_[thread]);
    });
    pool_.run(layers_.size(), [&](std::size_t i, std::size_t) { layers_[i]->end_step(); });
    return layers_;
  }
  [[nodiscard]] const Layers& layers() const { return layers_; }

  /// Choices of `steps` more batches in each layer while nothing moves, [num_layers][num_experts].
  std::vector<std::vector<double>> validate(std::int64_t steps) {
    std::vector<std::vector<double>> chosen(layers_.size());
    pool_.run(layers_.size(), [&](std::size_t i, std::size_t thread) {
      chosen[i] = layers_[i]->router().validate(steps, scratch_[thread]);
    });
    return chosen;
  }

 private:
  TaskPool pool_;
  std::vector<RoutingScratch> scratch_;
  Layers layers_;
  std::optional<RecordedSteps> recorded_;
};

/// Where what happens goes: records, curves and the account of the measured steps.
class StepRecorder {
 public:
  StepRecorder(const RoutingInputs& inputs, RecordSink& sink)
      : inputs_(inputs), sink_(sink), series_(sink), account_(inputs) {}

  void record(std::int64_t step, const Layers& layers) {
    const RoutingRecord& wanted = inputs_.scenario.record;
    const bool is_measured = step >= inputs_.first_measured();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const RoutedLayer& layer = *layers[i];
      num_chosen_ += layer.figures().routed->num_chosen;
      if (is_measured) account_.add(i, layer.figures());
      if (wanted.every > 0 && step % wanted.every == 0) record_load(step, layer);
      if (layer.traffic()) record_traffic(step, layer, is_measured);
    }
    record_curves(step, layers);
    record_replan(step, layers);
  }

  /// Tokens routed, over layers and steps. Recorded counts say choices alone.
  [[nodiscard]] std::uint64_t num_tokens() const {
    const RoutingScenario& s = inputs_.scenario;
    if (s.recorded && s.recorded->counts)
      return static_cast<std::uint64_t>(num_chosen_ / std::max(1, inputs_.model.top_k));
    return static_cast<std::uint64_t>(s.batch.steps * s.batch.tokens) * inputs_.layers.size();
  }

  RoutingAccount finish() {
    series_.flush();
    return std::move(account_);
  }

 private:
  void record_load(std::int64_t step, const RoutedLayer& layer) {
    const LayerFigures figures = layer.figures();
    const auto add = [&](std::string_view stream, std::span<const std::uint32_t> tokens) {
      sink_.add(stream, LoadRow{step, static_cast<std::int16_t>(layer.layer()), tokens});
    };
    add("expert_load", figures.routed->kept);
    add("gpu_load", rounded(figures.placed->gpu_tokens));
    add("node_load", rounded(figures.placed->node_tokens));
    if (inputs_.scenario.placement.redundant_experts > 0)
      add("slot_load", rounded(figures.placed->slot_tokens));
    if (!figures.placed->slot_after_eplb) return;
    add("slot_load_after_eplb", rounded(figures.placed->slot_tokens_after_eplb));
    add("gpu_load_after_eplb", rounded(figures.placed->gpu_tokens_after_eplb));
  }

  void record_traffic(std::int64_t step, const RoutedLayer& layer, bool is_measured) {
    const TrafficMatrix& traffic = *layer.traffic();
    if (is_measured) account_.add(traffic);
    const std::vector<std::uint32_t> copies(traffic.copies().begin(), traffic.copies().end());
    sink_.add("gpu_traffic", LoadRow{step, static_cast<std::int16_t>(layer.layer()), copies});
  }

  /// Means over layers, and the violation of each layer.
  void record_curves(std::int64_t step, const Layers& layers) {
    RunningMean violation, rank, node, balancedness, dropped, loss, slot_after, rank_after;
    for (const auto& layer : layers) {
      const LayerFigures figures = layer->figures();
      series_.add(fmt::format("max_violation_batch.layer_{}", layer->layer()), "", step,
                  figures.max_violation);
      violation.add(figures.max_violation);
      rank.add(figures.placed->rank);
      node.add(figures.placed->node);
      balancedness.add(figures.placed->balancedness);
      if (figures.placed->slot_after_eplb) slot_after.add(*figures.placed->slot_after_eplb);
      if (figures.placed->rank_after_eplb) rank_after.add(*figures.placed->rank_after_eplb);
      loss.add(figures.routed->losses.total());
      dropped.add(static_cast<double>(figures.routed->num_dropped) /
                  static_cast<double>(std::max<std::int64_t>(1, figures.routed->num_chosen)));
    }
    const auto add = [&](const char* name, const RunningMean& mean) {
      if (mean.count > 0) series_.add(name, "", step, mean.mean());
    };
    add("max_violation_batch", violation);
    add("balancedness", balancedness);
    add("imbalance.rank", rank);
    add("imbalance.node", node);
    add("imbalance.slot_after_eplb", slot_after);
    add("imbalance.rank_after_eplb", rank_after);
    if (inputs_.scenario.routing.capacity) add("dropped_fraction", dropped);
    if (inputs_.scenario.routing.losses.any()) add("loss", loss);
  }

  /// The weights of all layers move at once.
  void record_replan(std::int64_t step, const Layers& layers) {
    MoveTraffic moves(inputs_.scenario.placement.ep);
    std::int64_t num_moves = 0;
    bool any = false;
    for (const auto& layer : layers) {
      const std::optional<Replan>& replan = layer->replan();
      if (!replan) continue;
      any = true;
      num_moves += static_cast<std::int64_t>(replan->moves.size());
      moves.add(replan->placement, replan->moves);
    }
    if (!any) return;
    const Bytes expert = expert_bytes(inputs_.model, inputs_.scenario.record.weight_format);
    const double moved_B = expert.value() * static_cast<double>(num_moves);
    const double time_s = move_time(moves, expert, inputs_.cluster).value();
    series_.add("replan.moved_B", "B", step, moved_B);
    series_.add("replan.move_time_s", "s", step, time_s);
    account_.add_replan(moved_B, time_s);
  }

  const RoutingInputs& inputs_;
  RecordSink& sink_;
  StepSeries series_;
  RoutingAccount account_;
  std::int64_t num_chosen_ = 0;
};

}  // namespace

RoutingResult run_routing(const RoutingInputs& inputs, const RoutingRunOptions& options, RecordSink& sink) {
  StepPlayer player(inputs, options.threads);
  StepRecorder recorder(inputs, sink);
  const std::int64_t steps = inputs.scenario.batch.steps;
  for (std::int64_t step = 0; step < steps; ++step) {
    recorder.record(step, player.play(step));
    if (options.progress) options.progress(static_cast<double>(step + 1) / static_cast<double>(steps));
  }
  RoutingResult result{recorder.finish(), {}, recorder.num_tokens()};
  if (inputs.scenario.batch.validation_steps > 0) {
    for (const auto& chosen : player.validate(inputs.scenario.batch.validation_steps))
      result.account.add_validation(chosen);
  }
  for (const auto& layer : player.layers()) {
    result.warnings.insert(result.warnings.end(), layer->warnings().begin(), layer->warnings().end());
  }
  return result;
}

}  // namespace moesim
