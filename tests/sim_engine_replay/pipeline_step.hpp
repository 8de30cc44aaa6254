#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "sim/engine/engine.hpp"
#include "sim/schedule/build_op_graph.hpp"

namespace moesim::test {

/// A step of the shape of DeepSeek-V3's: per layer attention, dispatch, experts and combine, forward and
/// backward, the halves of a DualPipe pair interleaved; NIC, NVLink and SMs shared with communication and
/// sends. Sizes are of the right order, not calibrated.
class PipelineStep {
 public:
  /// With `reduces_early` a stage's gradients leave over the NIC as soon as they are complete, while other
  /// passes still communicate.
  PipelineStep(const ScheduleShape& shape, int layers_per_stage, bool reduces_early = false)
      : layers_(layers_per_stage) {
    PassBlocks blocks;
    attention_f_ = work(blocks, Phase::attention_forward, 2.1e-3, false);
    mlp_f_ = work(blocks, Phase::mlp_forward, 2.6e-3, true);
    attention_b_ = work(blocks, Phase::attention_backward, 3.9e-3, false);
    mlp_b_ = work(blocks, Phase::mlp_backward, 5.0e-3, true);
    weight_ = work(blocks, Phase::mlp_weight, 2.5e-3, true);
    dispatch_f_ = exchange(blocks, Phase::dispatch_forward, 60e6);
    combine_f_ = exchange(blocks, Phase::combine_forward, 110e6);
    dispatch_b_ = exchange(blocks, Phase::dispatch_backward, 60e6);
    combine_b_ = exchange(blocks, Phase::combine_backward, 110e6);
    OperationCost send;
    send.phase = Phase::send_activation;
    send.delay_s = 10e-6;
    send.nic_B = 58.7e6;
    const std::uint32_t send_f = add(blocks, send);
    send.phase = Phase::send_gradient;
    const std::uint32_t send_b = add(blocks, send);
    const Block step_end = end_block(blocks);
    for (int stage = 0; stage < num_stages(shape); ++stage) {
      StageBlocks s;
      s.forward = pass(true, false);
      s.backward = pass(false, true);
      s.backward_input = pass(false, true);
      s.weight.operations = {{.cost = weight_, .needs_gradient = true}};
      if (reduces_early) s.reduce_gradients = reduce_block(blocks);
      s.send_activation = send_f;
      s.send_gradient = send_b;
      blocks.stages.push_back(s);
    }
    for (const StagePair& pair : stage_pairs(shape)) blocks.forward_backward[pair] = pass(true, true);
    blocks.step_end.assign(static_cast<std::size_t>(shape.num_ranks), step_end);
    graph_ = build_op_graph(shape, blocks);
  }

  [[nodiscard]] const OpGraph& graph() const { return graph_; }

  /// GPUs whose speeds and loads differ by the relative `spread`.
  [[nodiscard]] EngineInput input(int members, int columns, double spread) const {
    EngineInput in;
    in.graph = &graph_;
    in.members = members;
    in.columns = columns;
    in.gpus.resize(graph_.num_ranks() * static_cast<std::size_t>(members) *
                   static_cast<std::size_t>(columns));
    for (std::size_t i = 0; i < in.gpus.size(); ++i) {
      GpuState& gpu = in.gpus[i];
      gpu.compute_slowdown = 1 + spread * uniform_at(1, 0, i);
      gpu.expert_load = 1 + spread * (uniform_at(2, 0, i) - 0.5);
      gpu.nic_out_Bps = gpu.nic_in_Bps = 42e9;
      gpu.nvlink_Bps = 160e9;
    }
    return in;
  }

 private:
  static constexpr double kOverlappedRate = 0.85;

  static std::uint32_t add(PassBlocks& blocks, const OperationCost& cost) {
    blocks.costs.push_back(cost);
    return static_cast<std::uint32_t>(blocks.costs.size() - 1);
  }
  static std::uint32_t work(PassBlocks& blocks, Phase phase, double seconds, bool of_experts) {
    OperationCost cost;
    cost.phase = phase;
    cost.work_s = seconds;
    cost.overlapped_rate = kOverlappedRate;
    cost.expert_share = of_experts ? 0.7 : 0;
    cost.pads_jitter = true;
    cost.issue_s = 60e-6;
    cost.first_issue_s = 5e-6;
    return add(blocks, cost);
  }
  static std::uint32_t exchange(PassBlocks& blocks, Phase phase, double bytes) {
    OperationCost cost;
    cost.phase = phase;
    cost.sync = SyncScope::expert_group;
    cost.holds_sms = true;
    cost.expert_share = 1;
    cost.delay_s = 30e-6;
    cost.nic_B = bytes;
    cost.nvlink_B = 2.2 * bytes;
    cost.tail_nvlink_B = 0.1 * bytes;
    cost.issue_s = 10e-6;
    cost.first_issue_s = 5e-6;
    return add(blocks, cost);
  }
  static Block reduce_block(PassBlocks& blocks) {
    OperationCost cost;
    cost.phase = Phase::reduce_scatter;
    cost.delay_s = 20e-6;
    cost.nic_B = 300e6;
    Block block;
    block.operations = {{.cost = add(blocks, cost), .lane = Lane::data_parallel, .needs_gradient = true}};
    return block;
  }
  static Block end_block(PassBlocks& blocks) {
    OperationCost cost;
    cost.phase = Phase::reduce_scatter;
    cost.sync = SyncScope::all;
    cost.nic_B = 400e6;
    cost.host_waits = true;
    const std::uint32_t scatter = add(blocks, cost);
    const std::uint32_t optimizer = work(blocks, Phase::optimizer, 3e-3, false);
    cost.phase = Phase::all_gather;
    const std::uint32_t gather = add(blocks, cost);
    Block block;
    block.operations = {{.cost = scatter, .lane = Lane::data_parallel, .needs_gradient = true},
                        {.cost = optimizer, .after = {0}},
                        {.cost = gather, .lane = Lane::data_parallel, .after = {1}}};
    return block;
  }
  /// One half, or both with their operations in turn: while one half computes the other communicates.
  [[nodiscard]] Block pass(bool forward, bool backward) const {
    Block block;
    std::size_t last_f = Block::kLast;
    std::size_t last_b = Block::kLast;
    const auto append = [&](std::uint32_t cost, Lane lane, Half half, std::size_t& last) {
      BlockOperation op{.cost = cost, .lane = lane, .half = half};
      if (last != Block::kLast) op.after = {last};
      op.needs_activation = half == Half::forward && last == Block::kLast;
      op.needs_gradient = half == Half::backward && last == Block::kLast;
      last = block.operations.size();
      block.operations.push_back(op);
    };
    const std::uint32_t costs_f[4] = {attention_f_, dispatch_f_, mlp_f_, combine_f_};
    const std::uint32_t costs_b[4] = {combine_b_, mlp_b_, dispatch_b_, attention_b_};
    for (int i = 0; i < 4 * layers_; ++i) {
      const Lane lane_f = i % 2 == 0 ? Lane::computation : Lane::communication;
      const Lane lane_b = i % 2 == 1 ? Lane::computation : Lane::communication;
      if (forward) append(costs_f[i % 4], lane_f, Half::forward, last_f);
      if (backward) append(costs_b[i % 4], lane_b, Half::backward, last_b);
    }
    block.output_activation = last_f;
    block.output_gradient = last_b;
    return block;
  }

  int layers_;
  std::uint32_t attention_f_ = 0, mlp_f_ = 0, attention_b_ = 0, mlp_b_ = 0, weight_ = 0;
  std::uint32_t dispatch_f_ = 0, combine_f_ = 0, dispatch_b_ = 0, combine_b_ = 0;
  OpGraph graph_;
};

}  // namespace moesim::test
