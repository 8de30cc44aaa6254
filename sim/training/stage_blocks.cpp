#include "sim/training/stage_blocks.hpp"

#include <algorithm>

namespace moesim {
namespace {

constexpr std::size_t kNone = Block::kLast;

/// Writes operations of the two halves of a block and remembers what each half's next operation waits for.
class BlockWriter {
 public:
  explicit BlockWriter(bool overlapped, bool serial = false) : overlapped_(overlapped), serial_(serial) {}

  void attention_forward(const StageItem& item) {
    collectives(item, &ItemCosts::around_attention_forward, &AroundCosts::before, forward_);
    forward_ = compute(item, &ItemCosts::attention_forward);
    collectives(item, &ItemCosts::around_attention_forward, &AroundCosts::after, forward_);
  }
  void mlp_forward(const StageItem& item) {
    if (!item.has_mlp) return;
    collectives(item, &ItemCosts::around_mlp_forward, &AroundCosts::before, forward_);
    forward_ = compute(item, &ItemCosts::mlp_forward);
    collectives(item, &ItemCosts::around_mlp_forward, &AroundCosts::after, forward_);
  }
  void dispatch_forward(const StageItem& item) {
    transfer(item, &TransferCosts::dispatch_forward, forward_);
    expert_collective(item, &TransferCosts::gather_forward, forward_);
  }
  void combine_forward(const StageItem& item) {
    expert_collective(item, &TransferCosts::reduce_forward, forward_);
    transfer(item, &TransferCosts::combine_forward, forward_);
  }

  /// Forward work again, in the backward half.
  void recompute(const StageItem& item) {
    const ItemCosts& costs = costs_of(item);
    again(item, costs.attention_recompute, &ItemCosts::around_attention_forward);
    if (costs.recomputes_transfers) {
      transfer(item, &TransferCosts::dispatch_forward, backward_);
      expert_collective(item, &TransferCosts::gather_forward, backward_);
    }
    again(item, costs.mlp_recompute, &ItemCosts::around_mlp_forward);
    if (costs.recomputes_transfers) {
      expert_collective(item, &TransferCosts::reduce_forward, backward_);
      transfer(item, &TransferCosts::combine_forward, backward_);
    }
  }
  void combine_backward(const StageItem& item) {
    transfer(item, &TransferCosts::combine_backward, backward_);
    expert_collective(item, &TransferCosts::gather_backward, backward_);
  }
  void dispatch_backward(const StageItem& item) {
    expert_collective(item, &TransferCosts::reduce_backward, backward_);
    transfer(item, &TransferCosts::dispatch_backward, backward_);
  }
  void mlp_backward(const StageItem& item) {
    if (!item.has_mlp) return;
    collectives(item, &ItemCosts::around_mlp_backward, &AroundCosts::before, backward_);
    backward_ = compute_backward(item, &ItemCosts::mlp_backward, backward_);
    collectives(item, &ItemCosts::around_mlp_backward, &AroundCosts::after, backward_);
  }
  void attention_backward(const StageItem& item) {
    collectives(item, &ItemCosts::around_attention_backward, &AroundCosts::before, backward_);
    backward_ = compute_backward(item, &ItemCosts::attention_backward, backward_);
    collectives(item, &ItemCosts::around_attention_backward, &AroundCosts::after, backward_);
  }
  /// Weight gradients have their inputs already: the input gradient before them ran on the same lane.
  void mlp_weight(const StageItem& item) {
    if (item.has_mlp) compute_backward(item, &ItemCosts::mlp_weight, weight_input_);
  }
  void attention_weight(const StageItem& item) {
    compute_backward(item, &ItemCosts::attention_weight, weight_input_);
  }
  /// Of a block of weight gradients alone: they wait for the backward that deferred them.
  void wait_for_gradient() { weight_input_ = kEntry; }

  /// What follows runs beside communication, or has the GPU to itself.
  void set_overlapped(bool overlapped) { overlapped_ = overlapped; }

  Block finish() {
    block_.output_activation = forward_ == kEntry ? kNone : forward_;
    block_.output_gradient = backward_ == kEntry ? kNone : backward_;
    return std::move(block_);
  }

 private:
  /// Marks a half whose next operation waits for what enters the stage.
  static constexpr std::size_t kEntry = kNone - 1;

  [[nodiscard]] const ItemCosts& costs_of(const StageItem& item) const {
    return overlapped_ ? item.paired : item.alone;
  }
  std::size_t compute(const StageItem& item, std::uint32_t ItemCosts::*cost) {
    return add(costs_of(item).*cost, Lane::computation, Half::forward, item, forward_);
  }
  std::size_t compute_backward(const StageItem& item, std::uint32_t ItemCosts::*cost, std::size_t after) {
    return add(costs_of(item).*cost, Lane::computation, Half::backward, item, after);
  }
  /// Appends a transfer to the chain that ends at `last`, where the item has any.
  void transfer(const StageItem& item, std::uint32_t TransferCosts::*cost, std::size_t& last) {
    const auto& transfers = costs_of(item).transfers;
    if (!transfers) return;
    const Half half = &last == &forward_ ? Half::forward : Half::backward;
    last = add_transfer((*transfers).*cost, half, item, last);
  }

  /// A forward phase with its collectives in the backward half, where it has a cost.
  void again(const StageItem& item, const std::optional<std::uint32_t>& cost,
             AroundCosts ItemCosts::*around) {
    if (!cost) return;
    collectives(item, around, &AroundCosts::before, backward_);
    backward_ = add(*cost, Lane::computation, Half::backward, item, backward_);
    collectives(item, around, &AroundCosts::after, backward_);
  }

  void expert_collective(const StageItem& item, std::optional<std::uint32_t> TransferCosts::*cost,
                         std::size_t& last) {
    const auto& transfers = costs_of(item).transfers;
    if (!transfers || !((*transfers).*cost)) return;
    const Half half = &last == &forward_ ? Half::forward : Half::backward;
    last = add_transfer(*((*transfers).*cost), half, item, last);
  }

  std::size_t add_transfer(std::uint32_t cost, Half half, const StageItem& item, std::size_t after) {
    const std::size_t at = add(cost, Lane::communication, half, item, after);
    block_.operations.back().in_compute_order = serial_;
    return at;
  }

  /// Appends the collectives on one side of a phase to the chain that ends at `last`.
  void collectives(const StageItem& item, AroundCosts ItemCosts::*around,
                   std::vector<std::uint32_t> AroundCosts::*side, std::size_t& last) {
    const Half half = &last == &forward_ ? Half::forward : Half::backward;
    for (const std::uint32_t cost : (costs_of(item).*around).*side) {
      last = add(cost, Lane::layer_split, half, item, last);
      block_.operations.back().in_compute_order = true;
    }
  }

  std::size_t add(std::uint32_t cost, Lane lane, Half half, const StageItem& item, std::size_t after) {
    BlockOperation operation;
    operation.cost = cost;
    operation.lane = lane;
    operation.half = half;
    operation.layer = item.layer;
    operation.item = item.item;
    if (after == kEntry) {
      (half == Half::forward ? operation.needs_activation : operation.needs_gradient) = true;
    } else if (after != kNone) {
      operation.after.push_back(after);
    }
    block_.operations.push_back(std::move(operation));
    return block_.operations.size() - 1;
  }

  bool overlapped_;
  bool serial_;  ///< transfers take turns with computation
  Block block_;
  std::size_t forward_ = kEntry;
  std::size_t backward_ = kEntry;
  std::size_t weight_input_ = kNone;
};

void write_forward(BlockWriter& writer, const StageItem& item) {
  writer.attention_forward(item);
  writer.dispatch_forward(item);
  writer.mlp_forward(item);
  writer.combine_forward(item);
}

void write_backward(BlockWriter& writer, const StageItem& item, bool with_weights, bool serial) {
  writer.recompute(item);
  writer.combine_backward(item);
  writer.mlp_backward(item);
  if (with_weights && serial) writer.mlp_weight(item);
  writer.dispatch_backward(item);
  if (with_weights && !serial) writer.mlp_weight(item);
  writer.attention_backward(item);
  if (with_weights) writer.attention_weight(item);
}

/// One forward item beside one backward item; `previous` is the backward item whose attention W is still due.
void write_pair(BlockWriter& writer, const StageItem& f, const StageItem& b, const StageItem* previous) {
  writer.set_overlapped(f.paired.transfers || b.paired.transfers);
  if (previous != nullptr) writer.attention_weight(*previous);
  writer.recompute(b);
  writer.combine_backward(b);
  writer.attention_forward(f);
  writer.dispatch_forward(f);
  writer.mlp_backward(b);
  writer.dispatch_backward(b);
  writer.mlp_weight(b);
  writer.mlp_forward(f);
  writer.combine_forward(f);
  writer.attention_backward(b);
}

}  // namespace

Block forward_block(std::span<const StageItem> items, bool serial) {
  BlockWriter writer(false, serial);
  for (const StageItem& item : items) write_forward(writer, item);
  return writer.finish();
}

Block backward_block(std::span<const StageItem> items, bool with_weights, bool serial) {
  BlockWriter writer(false, serial);
  for (auto item = items.rbegin(); item != items.rend(); ++item)
    write_backward(writer, *item, with_weights, serial);
  return writer.finish();
}

Block weight_block(std::span<const StageItem> items) {
  BlockWriter writer(false);
  writer.wait_for_gradient();
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    writer.mlp_weight(*item);
    writer.attention_weight(*item);
  }
  return writer.finish();
}

Block forward_backward_block(std::span<const StageItem> forward, std::span<const StageItem> backward) {
  BlockWriter writer(true);
  const std::size_t num_pairs = std::min(forward.size(), backward.size());
  const StageItem* previous = nullptr;
  for (std::size_t k = 0; k < num_pairs; ++k) {
    const StageItem& b = backward[backward.size() - 1 - k];
    write_pair(writer, forward[k], b, previous);
    previous = &b;
  }
  if (previous != nullptr) writer.attention_weight(*previous);
  writer.set_overlapped(false);
  for (std::size_t k = num_pairs; k < forward.size(); ++k) write_forward(writer, forward[k]);
  for (std::size_t k = num_pairs; k < backward.size(); ++k) {
    write_backward(writer, backward[backward.size() - 1 - k], true, false);
  }
  return writer.finish();
}

}  // namespace moesim
