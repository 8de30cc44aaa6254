#include "sim/training/step_graph.hpp"

#include "sim/schedule/build_op_graph.hpp"
#include "sim/training/layer_pricer.hpp"
#include "sim/training/step_costs.hpp"

namespace moesim {
namespace {

bool is_expert_transfer(Phase phase) {
  return phase >= Phase::dispatch_forward && phase <= Phase::combine_backward;
}
bool is_send(Phase phase) {
  return phase == Phase::send_activation || phase == Phase::send_gradient;
}
bool ends_step(Phase phase) {
  return phase >= Phase::reduce_scatter && phase <= Phase::optimizer;
}

/// Takes all time from the costs that are left out.
void leave_out(const StepParts& parts, std::vector<OperationCost>& costs) {
  for (OperationCost& cost : costs) {
    const bool kept = (parts.expert_transfers || !is_expert_transfer(cost.phase)) &&
                      (parts.pipeline_transfers || !is_send(cost.phase)) &&
                      (parts.step_end || !ends_step(cost.phase));
    if (kept) continue;
    OperationCost nothing;
    nothing.phase = cost.phase;
    nothing.sync = cost.sync;
    cost = nothing;
  }
}

BlockOperation step_end_operation(std::uint32_t cost, Lane lane, std::vector<std::size_t> after) {
  BlockOperation operation;
  operation.cost = cost;
  operation.lane = lane;
  operation.half = Half::backward;
  operation.needs_gradient = after.empty();
  operation.after = std::move(after);
  return operation;
}

Block step_end_block(const StepEndCosts& costs) {
  Block block;
  block.operations.push_back(step_end_operation(costs.reduce_scatter, Lane::data_parallel, {}));
  block.operations.push_back(step_end_operation(costs.optimizer, Lane::computation, {0}));
  block.operations.push_back(step_end_operation(costs.all_gather, Lane::data_parallel, {1}));
  return block;
}

StageBlocks stage_blocks(const std::vector<StageItem>& own) {
  StageBlocks blocks;
  blocks.forward = forward_block(own);
  blocks.backward = backward_block(own, true);
  blocks.backward_input = backward_block(own, false);
  blocks.weight = weight_block(own);
  return blocks;
}

}  // namespace

RoutedLoad load_of(const TrainingInputs& inputs, const StepParts& parts) {
  RoutingChoice routing = inputs.scenario.routing;
  if (!parts.expert_load) routing = RoutingChoice{};
  return routed_load(inputs, routing);
}

std::vector<StageItem> stage_items(const TrainingInputs& inputs, const StageContent& stage,
                                   LayerPricer& pricer) {
  std::vector<StageItem> items;
  if (stage.has_embedding) items.push_back(pricer.embedding());
  for (int i = 0; i < stage.num_layers(); ++i) {
    const int index = stage.first_layer + i;
    items.push_back(pricer.layer(inputs.model().layer_kind(index), index));
  }
  if (stage.has_head) items.push_back(pricer.head());
  for (int module = 0; module < stage.num_mtp; ++module) {
    items.push_back(pricer.mtp_projection());
    items.push_back(pricer.layer(LayerKind::moe, inputs.model().num_layers + module));
    items.push_back(pricer.head());
  }
  return items;
}

StepGraph build_step(const TrainingInputs& inputs, const StepParts& parts) {
  const Plan& plan = inputs.plan;
  StepGraph step;
  step.load = load_of(inputs, parts);
  CostTable table;
  LayerPricer pricer(inputs, step.load, table, 1 + jitter_of_slowest(inputs, parts));
  std::vector<std::vector<StageItem>> items;
  for (const StageContent& stage : plan.stages) items.push_back(stage_items(inputs, stage, pricer));
  PassBlocks blocks;
  const std::uint32_t send_activation = price_send(inputs, Phase::send_activation, table);
  const std::uint32_t send_gradient = price_send(inputs, Phase::send_gradient, table);
  for (const std::vector<StageItem>& own : items) {
    blocks.stages.push_back(stage_blocks(own));
    blocks.stages.back().send_activation = send_activation;
    blocks.stages.back().send_gradient = send_gradient;
  }
  for (const StagePair& pair : stage_pairs(plan.schedule)) {
    blocks.forward_backward[pair] = forward_backward_block(items[static_cast<std::size_t>(pair.forward)],
                                                           items[static_cast<std::size_t>(pair.backward)]);
  }
  for (int rank = 0; rank < plan.schedule.num_ranks; ++rank) {
    blocks.step_end.push_back(step_end_block(price_step_end(inputs, rank, table)));
  }
  blocks.costs = table.costs();
  leave_out(parts, blocks.costs);
  step.graph = build_op_graph(plan.schedule, blocks);
  step.origins = table.origins();
  return step;
}

}  // namespace moesim
