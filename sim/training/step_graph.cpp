#include "sim/training/step_graph.hpp"

#include <utility>

#include "sim/schedule/build_op_graph.hpp"
#include "sim/training/data_parallel_step.hpp"
#include "sim/training/layer_pricer.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/step_costs.hpp"

namespace moesim {
namespace {

bool is_layer_transfer(Phase phase) {
  return (phase >= Phase::dispatch_forward && phase <= Phase::combine_backward) ||
         (phase >= Phase::tensor_forward && phase <= Phase::expert_tensor_backward);
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
    const bool kept = (parts.expert_transfers || !is_layer_transfer(cost.phase)) &&
                      (parts.pipeline_transfers || !is_send(cost.phase)) &&
                      (parts.step_end || !ends_step(cost.phase));
    if (kept) continue;
    OperationCost nothing;
    nothing.phase = cost.phase;
    nothing.sync = cost.sync;
    cost = nothing;
  }
}

StageBlocks stage_blocks(const std::vector<StageItem>& own, bool serial) {
  StageBlocks blocks;
  blocks.forward = forward_block(own, serial);
  blocks.backward = backward_block(own, true, serial);
  blocks.backward_input = backward_block(own, false, serial);
  blocks.weight = weight_block(own);
  return blocks;
}

}  // namespace

LayerLoads loads_of(const TrainingInputs& inputs, const StepParts& parts) {
  RoutingChoice routing = inputs.scenario.routing;
  if (!parts.expert_load) routing = RoutingChoice{};
  return routed_loads(inputs, routing);
}

std::vector<StageItem> stage_items(const TrainingInputs& inputs, const StageContent& stage,
                                   LayerPricer& pricer) {
  std::vector<StageItem> items;
  if (stage.has_embedding) items.push_back(pricer.embedding());
  for (int i = 0; i < stage.num_layers(); ++i) {
    const int index = stage.first_layer + i;
    const bool recomputed = inputs.layout().recomputes_layer(i);
    items.push_back(pricer.layer(inputs.model().layer_kind(index), index, recomputed));
  }
  if (stage.has_head) items.push_back(pricer.head());
  for (int module = 0; module < stage.num_mtp; ++module) {
    items.push_back(pricer.mtp_projection());
    const bool recomputed = inputs.layout().recomputes_layer(stage.num_layers() + module);
    items.push_back(pricer.layer(LayerKind::moe, inputs.model().num_layers + module, recomputed));
    items.push_back(pricer.head());
  }
  for (std::size_t i = 0; i < items.size(); ++i) items[i].item = static_cast<std::int16_t>(i);
  return items;
}

StepBlocks price_step(const TrainingInputs& inputs, const StepParts& parts) {
  const Plan& plan = inputs.plan;
  StepBlocks step;
  step.loads = loads_of(inputs, parts);
  CostTable table;
  LayerPricer pricer(inputs, step.loads, table, 1 + jitter_of_slowest(inputs, parts));
  std::vector<std::vector<StageItem>> items;
  for (const StageContent& stage : plan.stages) items.push_back(stage_items(inputs, stage, pricer));
  PassBlocks& blocks = step.blocks;
  const std::uint32_t send_activation = price_send(inputs, Phase::send_activation, table);
  const std::uint32_t send_gradient = price_send(inputs, Phase::send_gradient, table);
  DataParallelStep data_parallel(inputs, table);
  for (std::size_t stage = 0; stage < items.size(); ++stage) {
    blocks.stages.push_back(stage_blocks(items[stage], inputs.stack.all_to_all.serial));
    data_parallel.add_to(blocks.stages.back(), StageId(static_cast<int>(stage)));
    blocks.stages.back().send_activation = send_activation;
    blocks.stages.back().send_gradient = send_gradient;
  }
  for (const StagePair& pair : stage_pairs(plan.schedule)) {
    Block& block = blocks.forward_backward[pair];
    block = forward_backward_block(items[static_cast<std::size_t>(pair.forward)],
                                   items[static_cast<std::size_t>(pair.backward)]);
    data_parallel.add_to_pair(block, StageId(pair.forward), StageId(pair.backward));
  }
  for (int rank = 0; rank < plan.schedule.num_ranks; ++rank) {
    blocks.step_end.push_back(data_parallel.step_end(rank));
  }
  blocks.costs = table.costs();
  leave_out(parts, blocks.costs);
  step.origins = table.origins();
  return step;
}

StepGraph graph_of_step(const TrainingInputs& inputs, StepBlocks blocks) {
  return {build_op_graph(inputs.plan.schedule, blocks.blocks), std::move(blocks.origins),
          std::move(blocks.loads)};
}

StepGraph build_step(const TrainingInputs& inputs, const StepParts& parts) {
  return graph_of_step(inputs, price_step(inputs, parts));
}

}  // namespace moesim
