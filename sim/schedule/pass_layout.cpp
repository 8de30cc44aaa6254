#include "sim/schedule/pass_layout.hpp"

#include <stdexcept>
#include <utility>

namespace moesim {
namespace {

std::size_t dependencies_of(const Block& block) {
  std::size_t sum = 0;
  for (const BlockOperation& op : block.operations) {
    sum += op.after.size() + (op.needs_activation ? 1 : 0) + (op.needs_gradient ? 1 : 0) +
           (op.in_compute_order ? 2 : 0) + (op.needs_computation ? 1 : 0);
  }
  return sum;
}

std::size_t output_index(const Block& block, std::size_t output) {
  return output == Block::kLast ? block.operations.size() - 1 : output;
}

}  // namespace

PassLayout::PassLayout(const ScheduleShape& shape, const PassBlocks& blocks)
    : shape_(shape), blocks_(blocks) {
  milestones_.resize(static_cast<std::size_t>(num_stages(shape)) *
                     static_cast<std::size_t>(shape.num_microbatches));
  ranks_.reserve(static_cast<std::size_t>(shape.num_ranks));
  for (int rank = 0; rank < shape.num_ranks; ++rank) ranks_.push_back(lay_out(rank));
}

Dependency PassLayout::at(int stage, int microbatch, Milestone milestone) const {
  const auto cell = static_cast<std::size_t>(stage) * static_cast<std::size_t>(shape_.num_microbatches) +
                    static_cast<std::size_t>(microbatch);
  return {.rank = rank_of(shape_, stage, microbatch),
          .index = milestones_[cell][static_cast<std::size_t>(milestone)]};
}

void PassLayout::mark(int stage, int microbatch, Milestone milestone, std::size_t index) {
  const auto cell = static_cast<std::size_t>(stage) * static_cast<std::size_t>(shape_.num_microbatches) +
                    static_cast<std::size_t>(microbatch);
  milestones_[cell][static_cast<std::size_t>(milestone)] = static_cast<std::uint32_t>(index);
}

std::size_t PassLayout::dependencies_in(const Block& block) {
  const auto [known, is_new] = num_dependencies_of_.try_emplace(&block, 0);
  if (is_new) known->second = dependencies_of(block);
  return known->second;
}

RankLayout PassLayout::lay_out(int rank) {
  RankLayout layout;
  std::vector<int> weights_left(static_cast<std::size_t>(num_chunks(shape_)), microbatches_per_chunk(shape_));
  std::vector<char> has_forward(static_cast<std::size_t>(num_chunks(shape_)),
                                0);  // vector<bool> has no references
  for (const PassStep& step : pass_sequence(shape_, rank)) {
    PlacedPass pass = place(step, rank);
    if (step.chunk_b >= 0 && !step.defers_weight) {
      pass.completes_weights = --weights_left[static_cast<std::size_t>(step.chunk_b)] == 0;
    }
    const bool first =
        step.chunk_f >= 0 && std::exchange(has_forward[static_cast<std::size_t>(step.chunk_f)], 1) == 0;
    use_variant(pass, rank, first);
    mark_outputs(pass, rank, layout.num_operations);
    layout.num_operations +=
        pass.block->operations.size() + (pass.sends_activation ? 1 : 0) + (pass.sends_gradient ? 1 : 0);
    num_dependencies_ += dependencies_in(*pass.block) + 2;
    if (pass.completes_weights) {
      const auto stage = static_cast<std::size_t>(stage_of(shape_, rank, step.chunk_b));
      layout.num_operations += blocks_.stages[stage].reduce_gradients.operations.size();
      num_dependencies_ += dependencies_in(blocks_.stages[stage].reduce_gradients);
    }
    layout.passes.push_back(pass);
  }
  const Block& step_end = blocks_.step_end[static_cast<std::size_t>(rank)];
  layout.num_operations += step_end.operations.size();
  num_dependencies_ += dependencies_in(step_end);
  return layout;
}

/// A stage that has its neighbour on its own rank, as at the turn of a V, sends nothing.
bool PassLayout::sends(int rank, int neighbour, int microbatch) const {
  return neighbour >= 0 && neighbour < num_stages(shape_) && rank_of(shape_, neighbour, microbatch) != rank;
}

PlacedPass PassLayout::place(const PassStep& step, int rank) const {
  PlacedPass pass{.step = step};
  int forward = -1;
  int backward = -1;
  if (step.chunk_f >= 0) {
    forward = stage_of(shape_, rank, step.chunk_f);
    pass.sends_activation = sends(rank, forward + 1, step.microbatch_f);
  }
  if (step.chunk_b >= 0) {
    backward = stage_of(shape_, rank, step.chunk_b);
    pass.sends_gradient = step.kind != PassKind::weight && sends(rank, backward - 1, step.microbatch_b);
  }
  pass.block = &block_of(step, forward, backward);
  return pass;
}

const Block& PassLayout::block_of(const PassStep& step, int forward, int backward) const {
  const auto blocks = [&](int stage) -> const StageBlocks& {
    return blocks_.stages[static_cast<std::size_t>(stage)];
  };
  switch (step.kind) {
    case PassKind::forward:
      return blocks(forward).forward;
    case PassKind::forward_backward:
      return blocks_.forward_backward.at({forward, backward});
    case PassKind::weight:
      return blocks(backward).weight;
    default:
      return step.defers_weight ? blocks(backward).backward_input : blocks(backward).backward;
  }
}

/// Puts the block of a first forward or of a completing pass in place of the usual one. Throws
/// std::logic_error where such a pass is a pair: none of the schedules has that.
void PassLayout::use_variant(PlacedPass& pass, int rank, bool first_forward) const {
  const auto use = [&](int chunk, Block StageBlocks::*variant) {
    const auto stage = static_cast<std::size_t>(stage_of(shape_, rank, chunk));
    const Block& block = blocks_.stages[stage].*variant;
    if (block.operations.empty()) return;
    if (pass.step.kind == PassKind::forward_backward) {
      throw std::logic_error("a pass with data-parallel collectives of its own is one half of a pair");
    }
    pass.block = &block;
  };
  const PassStep& step = pass.step;
  if (first_forward) use(step.chunk_f, &StageBlocks::first_forward);
  if (!pass.completes_weights) return;
  use(step.chunk_b, step.kind == PassKind::weight ? &StageBlocks::last_weight : &StageBlocks::last_backward);
}

/// `first` is the position of the block's first operation. Sends follow the block, the activation's first.
void PassLayout::mark_outputs(const PlacedPass& pass, int rank, std::size_t first) {
  const PassStep& step = pass.step;
  std::size_t next = first + pass.block->operations.size();
  if (step.chunk_f >= 0) {
    const int stage = stage_of(shape_, rank, step.chunk_f);
    mark(stage, step.microbatch_f, Milestone::forward_output,
         first + output_index(*pass.block, pass.block->output_activation));
    if (pass.sends_activation) mark(stage, step.microbatch_f, Milestone::activation_sent, next++);
  }
  if (step.chunk_b >= 0 && step.kind != PassKind::weight) {
    const int stage = stage_of(shape_, rank, step.chunk_b);
    mark(stage, step.microbatch_b, Milestone::backward_output,
         first + output_index(*pass.block, pass.block->output_gradient));
    if (pass.sends_gradient) mark(stage, step.microbatch_b, Milestone::gradient_sent, next);
  }
}

}  // namespace moesim
