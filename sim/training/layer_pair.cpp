#include "sim/training/layer_pair.hpp"

#include <algorithm>
#include <optional>

#include "sim/engine/replay/replay_engine.hpp"
#include "sim/training/layer_pricer.hpp"
#include "sim/training/step_graph.hpp"

namespace moesim {
namespace {

/// The operations of a block as the program of a pipeline with one rank.
OpGraph graph_of(const Block& block, const std::vector<OperationCost>& costs) {
  OpGraph graph;
  graph.costs = costs;
  auto& program = graph.programs.emplace_back();
  std::optional<std::uint32_t> computation, in_order;  // the last of each, as in build_op_graph
  for (const BlockOperation& source : block.operations) {
    Operation op;
    op.cost = source.cost;
    op.lane = source.lane;
    op.layer = source.layer;
    op.pass = PassKind::forward_backward;
    op.first_dependency = static_cast<std::uint32_t>(graph.dependencies.size());
    for (const std::size_t earlier : source.after) {
      graph.dependencies.push_back({0, static_cast<std::uint32_t>(earlier)});
    }
    const bool computes = source.lane == Lane::computation;
    std::optional<std::uint32_t>& before = computes ? in_order : computation;
    if ((computes || source.in_compute_order) && before) graph.dependencies.push_back({0, *before});
    if (computes) in_order.reset();
    const auto index = static_cast<std::uint32_t>(program.size());
    if (computes) computation = index;
    if (source.in_compute_order) in_order = index;
    op.num_dependencies = static_cast<std::uint16_t>(graph.dependencies.size() - op.first_dependency);
    program.push_back(op);
  }
  return graph;
}

/// A representative of mean slowdown.
GpuState mean_gpu(const TrainingInputs& inputs, const StepGraph& step) {
  TrainingInputs representative = inputs;
  representative.scenario.gpus = GpuDetail::representative;
  const EngineInput all = engine_input(representative, step, {}, 1);
  GpuState gpu = all.gpus.front();
  gpu.compute_slowdown = 0;
  for (const GpuState& other : all.gpus) gpu.compute_slowdown += other.compute_slowdown;
  gpu.compute_slowdown /= static_cast<double>(all.gpus.size());
  return gpu;
}

}  // namespace

std::optional<LayerPair> replay_layer_pair(const TrainingInputs& inputs) {
  int num_layers = 0;
  for (const StageContent& stage : inputs.plan.stages) num_layers = std::max(num_layers, stage.num_moe);
  if (!runs_pairs(inputs.plan.schedule.kind) || num_layers == 0) return std::nullopt;
  StepGraph step;
  step.loads = loads_of(inputs, {});
  const LayerWork work = layer_work(inputs, step.loads.of(0), LayerKind::moe);
  CostTable table;
  LayerPricer pricer(inputs, step.loads, table);
  std::vector<StageItem> items;
  for (int i = 0; i < num_layers; ++i) {
    const int index = inputs.model().num_dense_layers + i;
    items.push_back(pricer.layer(LayerKind::moe, index, inputs.layout().recomputes_layer(i)));
  }
  step.graph = graph_of(forward_backward_block(items, items), table.costs());
  EngineInput input;
  input.graph = &step.graph;
  input.gpus = {mean_gpu(inputs, step)};
  NullSink sink;
  const EngineResult result = make_replay_engine()->run(input, sink);
  LayerPair pair;
  pair.total_s = result.makespan_s / num_layers;
  pair.exposed_communication_s = result.ranks.front().exposed_communication_s / num_layers;
  pair.phase_s = result.ranks.front().phase_s;
  for (double& seconds : pair.phase_s) seconds /= num_layers;
  const auto without = [&](Phase phase, double cast_s) {
    pair.phase_s[static_cast<std::size_t>(phase)] -= cast_s;
  };
  if (inputs.layout().ep > 1) {
    without(Phase::dispatch_forward, work.dispatch_cast_s);
    without(Phase::combine_backward, work.combine_cast_s);
  }
  return pair;
}

}  // namespace moesim
