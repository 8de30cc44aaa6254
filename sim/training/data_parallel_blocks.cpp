#include "sim/training/data_parallel_blocks.hpp"

#include <algorithm>

namespace moesim {
namespace {

/// An item as it stands in a half of a block, by positions of its operations.
struct ItemSpan {
  std::int16_t item = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t first_computation = Block::kLast;
};

/// The items of a half in the order in which it runs them.
std::vector<ItemSpan> items_of(const Block& block, Half half) {
  std::vector<ItemSpan> spans;
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const BlockOperation& op = block.operations[i];
    if (op.half != half || op.lane == Lane::data_parallel) continue;
    auto known = std::ranges::find(spans, op.item, &ItemSpan::item);
    if (known == spans.end()) known = spans.insert(spans.end(), {op.item, i, i});
    known->last = i;
    if (op.lane == Lane::computation) known->first_computation = std::min(known->first_computation, i);
  }
  return spans;
}

/// Copies a block operation by operation, with others put between them.
class Inserter {
 public:
  explicit Inserter(const Block& block) : block_(block) { places_.reserve(block.operations.size()); }

  /// Copies the next operation, waiting for `extra` (places in the new block) as well.
  void copy_next(const std::vector<std::size_t>& extra) {
    BlockOperation op = block_.operations[places_.size()];
    for (std::size_t& earlier : op.after) earlier = places_[earlier];
    op.after.insert(op.after.end(), extra.begin(), extra.end());
    places_.push_back(push(std::move(op)));
  }
  std::size_t push(BlockOperation op) {
    result_.operations.push_back(std::move(op));
    return result_.operations.size() - 1;
  }
  /// Of an operation that is copied already.
  [[nodiscard]] std::size_t place_of(std::size_t old) const { return places_[old]; }
  [[nodiscard]] std::size_t num_copied() const { return places_.size(); }

  Block finish() {
    const auto moved = [&](std::size_t old) {
      return places_[old == Block::kLast ? block_.operations.size() - 1 : old];
    };
    result_.output_activation = moved(block_.output_activation);
    result_.output_gradient = moved(block_.output_gradient);
    return std::move(result_);
  }

 private:
  const Block& block_;
  Block result_;
  std::vector<std::size_t> places_;  ///< by the place in the old block
};

BlockOperation collective(std::uint32_t cost, Half half, std::int16_t item) {
  BlockOperation op;
  op.cost = cost;
  op.lane = Lane::data_parallel;
  op.half = half;
  op.item = item;
  return op;
}

}  // namespace

Block with_gathers(const Block& block, Half half, const GatherPlan& plan) {
  const std::vector<ItemSpan> items = items_of(block, half);
  Inserter inserter(block);
  std::vector<std::vector<std::size_t>> gathers(items.size());
  const auto ahead = static_cast<std::size_t>(plan.prefetch.value_or(static_cast<int>(items.size())));
  std::size_t next = 0;  // item to gather
  const auto gather_up_to = [&](std::size_t place) {
    for (; next < items.size() && next <= place + ahead; ++next) {
      const auto cost = plan.costs[static_cast<std::size_t>(items[next].item)];
      if (!cost) continue;
      BlockOperation op = collective(*cost, half, items[next].item);
      if (plan.prefetch && next > ahead) {
        const std::size_t done = std::min(items[next - ahead - 1].last, inserter.num_copied() - 1);
        op.after.push_back(inserter.place_of(done));
      } else {
        op.needs_computation = plan.prefetch.has_value();
      }
      gathers[next].push_back(inserter.push(std::move(op)));
    }
  };
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const auto starting = std::ranges::find(items, i, &ItemSpan::first);
    if (starting != items.end()) gather_up_to(static_cast<std::size_t>(starting - items.begin()));
    const auto waiting = std::ranges::find(items, i, &ItemSpan::first_computation);
    inserter.copy_next(waiting == items.end() ? std::vector<std::size_t>{}
                                              : gathers[static_cast<std::size_t>(waiting - items.begin())]);
  }
  return inserter.finish();
}

Block with_reductions(const Block& block, Half half, const std::vector<Reduction>& reductions) {
  const std::vector<ItemSpan> items = items_of(block, half);
  Inserter inserter(block);
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    inserter.copy_next({});
    const auto ended = std::ranges::find(items, i, &ItemSpan::last);
    if (ended == items.end()) continue;
    const auto reduction = std::ranges::find(reductions, ended->item, &Reduction::item);
    if (reduction == reductions.end()) continue;
    for (const std::uint32_t cost : reduction->costs) {
      BlockOperation op = collective(cost, half, ended->item);
      op.after.push_back(inserter.place_of(i));
      inserter.push(std::move(op));
    }
  }
  return inserter.finish();
}

}  // namespace moesim
