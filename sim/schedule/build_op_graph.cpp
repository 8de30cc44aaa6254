#include "sim/schedule/build_op_graph.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/schedule/block_check.hpp"
#include "sim/schedule/pass_layout.hpp"
#include "sim/schedule/pass_sequence.hpp"

namespace moesim {
namespace {

/// What the operations of a block wait for from outside the block, and what they are labelled with.
struct BlockContext {
  PassKind pass{};
  int microbatch_f = 0;
  int microbatch_b = 0;
  std::optional<Dependency> activation = std::nullopt;
  std::optional<Dependency> gradient = std::nullopt;
};

/// Writes the program of one rank. Positions follow PassLayout, which has seen every rank before.
class ProgramWriter {
 public:
  ProgramWriter(const ScheduleShape& shape, const PassBlocks& blocks, const PassLayout& layout, int rank,
                OpGraph& graph)
      : shape_(shape),
        blocks_(blocks),
        layout_(layout),
        rank_(rank),
        graph_(graph),
        program_(graph.programs[static_cast<std::size_t>(rank)]) {}

  void write(const RankLayout& rank_layout) {
    program_.reserve(rank_layout.num_operations);
    for (const PlacedPass& pass : rank_layout.passes) write_pass(pass);
    const Block& step_end = blocks_.step_end[static_cast<std::size_t>(rank_)];
    append_block(step_end, {.pass = PassKind::step_end, .gradient = last_computation()});
  }

 private:
  void write_pass(const PlacedPass& placed) {
    const PassStep& step = placed.step;
    const BlockContext context{.pass = step.kind,
                               .microbatch_f = step.microbatch_f,
                               .microbatch_b = step.microbatch_b,
                               .activation = activation_for(step),
                               .gradient = gradient_for(step)};
    append_block(*placed.block, context);
    if (placed.sends_activation) append_activation_send(step);
    if (placed.sends_gradient) append_gradient_send(step);
    if (placed.completes_weights) {
      append_block(blocks_of(step.chunk_b).reduce_gradients,
                   {.pass = PassKind::step_end, .gradient = last_computation()});
    }
  }

  void append_block(const Block& block, const BlockContext& context) {
    const std::size_t first = program_.size();
    const std::optional<Dependency> before = last_computation();
    for (const BlockOperation& source : block.operations) {
      const bool of_backward = context.pass == PassKind::forward_backward ? source.half == Half::backward
                                                                          : context.microbatch_f < 0;
      Operation op = begin(source.cost, source.lane, context.pass,
                           of_backward ? context.microbatch_b : context.microbatch_f);
      op.layer = source.layer;
      for (const std::size_t earlier : source.after) depend(here(first + earlier));
      if (source.needs_activation && context.activation) depend(*context.activation);
      if (source.needs_gradient && context.gradient) depend(*context.gradient);
      keep_compute_order(source);
      if (source.needs_computation && before) depend(*before);
      finish(op);
      if (source.lane == Lane::computation) last_computation_ = program_.size() - 1;
      if (source.in_compute_order) last_in_order_ = program_.size() - 1;
    }
  }

  /// Operations in_compute_order behind the computation before them, computation behind those.
  void keep_compute_order(const BlockOperation& source) {
    if (source.in_compute_order && last_computation_) depend(here(*last_computation_));
    if (source.lane != Lane::computation || !last_in_order_) return;
    depend(here(*last_in_order_));
    last_in_order_.reset();
  }

  void append_activation_send(const PassStep& step) {
    const int stage = stage_of(shape_, rank_, step.chunk_f);
    Operation op =
        begin(blocks_of(step.chunk_f).send_activation, Lane::send_forward, step.kind, step.microbatch_f);
    op.peer_rank = static_cast<std::int16_t>(rank_of(shape_, stage + 1, step.microbatch_f));
    depend(layout_.at(stage, step.microbatch_f, Milestone::forward_output));
    finish(op);
  }

  void append_gradient_send(const PassStep& step) {
    const int stage = stage_of(shape_, rank_, step.chunk_b);
    Operation op =
        begin(blocks_of(step.chunk_b).send_gradient, Lane::send_backward, step.kind, step.microbatch_b);
    op.peer_rank = static_cast<std::int16_t>(rank_of(shape_, stage - 1, step.microbatch_b));
    depend(layout_.at(stage, step.microbatch_b, Milestone::backward_output));
    finish(op);
  }

  [[nodiscard]] std::optional<Dependency> activation_for(const PassStep& step) const {
    if (step.chunk_f < 0) return std::nullopt;
    const int stage = stage_of(shape_, rank_, step.chunk_f);
    if (stage == 0) return std::nullopt;
    return arrival(stage - 1, step.microbatch_f, Milestone::forward_output, Milestone::activation_sent);
  }

  [[nodiscard]] std::optional<Dependency> gradient_for(const PassStep& step) const {
    if (step.chunk_b < 0) return std::nullopt;
    const int stage = stage_of(shape_, rank_, step.chunk_b);
    if (step.kind == PassKind::weight)
      return layout_.at(stage, step.microbatch_b, Milestone::backward_output);
    if (stage == num_stages(shape_) - 1) {
      return layout_.at(stage, step.microbatch_b, Milestone::forward_output);
    }
    return arrival(stage + 1, step.microbatch_b, Milestone::backward_output, Milestone::gradient_sent);
  }

  /// What `stage` yields, here: where it is on another rank, the end of its send.
  [[nodiscard]] Dependency arrival(int stage, int microbatch, Milestone output, Milestone sent) const {
    return layout_.at(stage, microbatch, rank_of(shape_, stage, microbatch) == rank_ ? output : sent);
  }

  [[nodiscard]] const StageBlocks& blocks_of(int chunk) const {
    return blocks_.stages[static_cast<std::size_t>(stage_of(shape_, rank_, chunk))];
  }
  [[nodiscard]] Dependency here(std::size_t index) const {
    return {.rank = rank_, .index = static_cast<std::uint32_t>(index)};
  }
  [[nodiscard]] std::optional<Dependency> last_computation() const {
    return last_computation_ ? std::optional(here(*last_computation_)) : std::nullopt;
  }

  Operation begin(std::uint32_t cost, Lane lane, PassKind pass, int microbatch) const {
    Operation op;
    op.cost = cost;
    op.first_dependency = static_cast<std::uint32_t>(graph_.dependencies.size());
    op.microbatch = static_cast<std::uint16_t>(microbatch);
    op.lane = lane;
    op.pass = pass;
    return op;
  }
  void depend(Dependency dependency) { graph_.dependencies.push_back(dependency); }
  void finish(Operation op) {
    op.num_dependencies = static_cast<std::uint16_t>(graph_.dependencies.size() - op.first_dependency);
    program_.push_back(op);
  }

  const ScheduleShape& shape_;
  const PassBlocks& blocks_;
  const PassLayout& layout_;
  int rank_;
  OpGraph& graph_;
  std::vector<Operation>& program_;
  std::optional<std::size_t> last_computation_;
  std::optional<std::size_t> last_in_order_;  ///< none where computation has waited for it already
};

}  // namespace

OpGraph build_op_graph(const ScheduleShape& shape, const PassBlocks& blocks) {
  if (const auto forbidden = violation(shape)) {
    throw std::invalid_argument(*forbidden);
  }
  if (const std::string defect = find_block_defect(shape, blocks); !defect.empty()) {
    throw std::invalid_argument(defect);
  }
  const PassLayout layout(shape, blocks);
  OpGraph graph;
  graph.costs = blocks.costs;
  graph.programs.resize(static_cast<std::size_t>(shape.num_ranks));
  graph.dependencies.reserve(layout.num_dependencies());
  for (int rank = 0; rank < shape.num_ranks; ++rank) {
    ProgramWriter(shape, blocks, layout, rank, graph).write(layout.of_rank(rank));
  }
  return graph;
}

}  // namespace moesim
