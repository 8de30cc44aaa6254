#include "sim/training/data_parallel_step.hpp"

#include <algorithm>

#include "sim/training/data_parallel_costs.hpp"
#include "sim/training/step_costs.hpp"

namespace moesim {
namespace {

BlockOperation step_end_operation(std::uint32_t cost, Lane lane, std::vector<std::size_t> after) {
  BlockOperation operation;
  operation.cost = cost;
  operation.lane = lane;
  operation.half = Half::backward;
  operation.needs_gradient = after.empty();
  operation.after = std::move(after);
  return operation;
}

/// What a bucket's items hold together.
BucketParameters sum_of(const std::vector<StageParameters>& items, const std::vector<int>& bucket_of,
                        int bucket) {
  BucketParameters sum;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (bucket_of[i] != bucket) continue;
    sum.experts += items[i].experts;
    sum.others += items[i].others();
  }
  return sum;
}

bool is_empty(const BucketParameters& bucket) {
  return bucket.experts + bucket.others == 0;
}

}  // namespace

DataParallelChoice data_parallel_choice(const Layout& layout, const DataParallelPolicy& policy) {
  const ShardingPolicy sharding{policy.reshard_after_forward, policy.reduce_every_microbatch,
                                policy.prefetch_layers};
  DataParallelChoice choice;
  choice.gathers_in_passes = reshards_weights(layout, sharding);
  choice.gathers_at_start =
      !choice.gathers_in_passes && (layout.zero == 3 || (layout.zero >= 1 && policy.overlap_gather));
  choice.reduces_every_microbatch = reduces_every_microbatch(layout, sharding);
  choice.reduces_in_passes = layout.zero == 3 || policy.overlap_reduce || choice.reduces_every_microbatch;
  return choice;
}

DataParallelStep::DataParallelStep(const TrainingInputs& inputs, CostTable& table)
    : inputs_(inputs),
      table_(table),
      choice_(data_parallel_choice(inputs.layout(), inputs.stack.data_parallel)) {}

bool DataParallelStep::holds_embedding(int pipeline_rank) const {
  const auto stages = inputs_.plan.stages_of_rank(pipeline_rank);
  return std::ranges::any_of(stages,
                             [&](StageId stage) { return inputs_.plan.stages[stage.index()].has_embedding; });
}

StageId DataParallelStep::last_stage(int pipeline_rank) const {
  const auto stages = inputs_.plan.stages_of_rank(pipeline_rank);
  return *std::ranges::min_element(stages, {}, [](StageId stage) { return stage.value; });
}

DataParallelStep::Buckets DataParallelStep::buckets_of(StageId stage) const {
  const Plan& plan = inputs_.plan;
  bool shares = false;
  for (int rank = 0; rank < plan.schedule.num_ranks; ++rank) {
    const auto held = plan.stages_of_rank(rank);
    if (std::ranges::find(held, stage) != held.end()) shares = shares || holds_embedding(rank);
  }
  Buckets buckets;
  buckets.items = item_parameters(plan.memory_input(), plan.stages[stage.index()], shares);
  const bool by_item = inputs_.layout().zero >= 2;
  buckets.bucket_of = gradient_buckets(buckets.items, by_item ? static_cast<int>(buckets.items.size())
                                                              : inputs_.stack.data_parallel.num_buckets);
  for (const int bucket : buckets.bucket_of) buckets.num_buckets = std::max(buckets.num_buckets, bucket + 1);
  return buckets;
}

/// Each bucket in front of the first of its items.
GatherPlan DataParallelStep::gather_plan(const Buckets& stage) {
  GatherPlan plan;
  plan.costs.resize(stage.items.size());
  if (inputs_.layout().zero == 3) plan.prefetch = inputs_.stack.data_parallel.prefetch_layers;
  for (int bucket = stage.num_buckets - 1; bucket >= 0; --bucket) {
    const BucketParameters sum = sum_of(stage.items, stage.bucket_of, bucket);
    if (is_empty(sum)) continue;
    const auto first = std::ranges::find(stage.bucket_of, bucket) - stage.bucket_of.begin();
    plan.costs[static_cast<std::size_t>(first)] = price_gather(inputs_, sum, table_);
  }
  return plan;
}

std::vector<Reduction> DataParallelStep::reductions(const Buckets& stage) {
  std::vector<Reduction> all;
  for (int bucket = 0; bucket < stage.num_buckets; ++bucket) {
    const BucketParameters sum = sum_of(stage.items, stage.bucket_of, bucket);
    if (is_empty(sum)) continue;
    const auto first = std::ranges::find(stage.bucket_of, bucket) - stage.bucket_of.begin();
    Reduction reduction{static_cast<std::int16_t>(first), price_reduce(inputs_, sum, table_)};
    // What reduce-scatter and gather make together is an all-reduce.
    if (inputs_.layout().zero == 0) reduction.costs.push_back(price_gather(inputs_, sum, table_));
    all.push_back(std::move(reduction));
  }
  return all;
}

/// Where the backward follows the forward at once, the weights of the last layer and what is behind it stay.
GatherPlan DataParallelStep::gathered_again(const Buckets& stage, GatherPlan plan) const {
  for (std::size_t i = stage.items.size(); inputs_.layout().pp == 1 && i-- > 0;) {
    plan.costs[i].reset();
    if (stage.items[i].linear > 0) break;
  }
  return plan;
}

void DataParallelStep::add_gathers(StageBlocks& blocks, const Buckets& stage) {
  GatherPlan plan = gather_plan(stage);
  if (choice_.gathers_at_start) {
    blocks.first_forward = with_gathers(blocks.forward, Half::forward, plan);
    return;
  }
  blocks.forward = with_gathers(blocks.forward, Half::forward, plan);
  const GatherPlan again = gathered_again(stage, plan);
  blocks.backward = with_gathers(blocks.backward, Half::backward, again);
  if (!blocks.backward_input.operations.empty()) {
    blocks.backward_input = with_gathers(blocks.backward_input, Half::backward, again);
  }
}

void DataParallelStep::add_reductions(StageBlocks& blocks, const Buckets& stage, bool leaves_last) {
  const std::vector<Reduction> all = reductions(stage);
  std::vector<Reduction> last = all;
  if (leaves_last && !last.empty()) last.pop_back();
  const auto reduced = [](const Block& block, const std::vector<Reduction>& by) {
    return block.operations.empty() ? block : with_reductions(block, Half::backward, by);
  };
  blocks.last_backward = reduced(blocks.backward, last);
  blocks.last_weight = reduced(blocks.weight, last);
  if (!choice_.reduces_every_microbatch) return;
  blocks.backward = reduced(blocks.backward, all);
  blocks.weight = reduced(blocks.weight, all);
}

void DataParallelStep::add_to(StageBlocks& blocks, StageId stage) {
  if (choice_.gathers_at_start || choice_.gathers_in_passes) add_gathers(blocks, buckets_of(stage));
  if (!choice_.reduces_in_passes) return;
  bool leaves_last = false;
  for (int rank = 0; rank < inputs_.plan.schedule.num_ranks; ++rank) {
    leaves_last = leaves_last || last_stage(rank) == stage;
  }
  add_reductions(blocks, buckets_of(stage), leaves_last);
}

void DataParallelStep::add_to_pair(Block& block, StageId forward, StageId backward) {
  if (choice_.gathers_in_passes) {
    const Buckets own = buckets_of(backward);
    block = with_gathers(block, Half::forward, gather_plan(buckets_of(forward)));
    block = with_gathers(block, Half::backward, gathered_again(own, gather_plan(own)));
  }
  if (choice_.reduces_every_microbatch) {
    block = with_reductions(block, Half::backward, reductions(buckets_of(backward)));
  }
}

Block DataParallelStep::step_end(int pipeline_rank) {
  const RankParameters parameters = rank_parameters(inputs_, pipeline_rank);
  const BucketParameters whole{parameters.experts, parameters.others};
  std::vector<std::uint32_t> reduce;
  if (!choice_.reduces_in_passes) {
    reduce = price_reduce(inputs_, whole, table_);
  } else if (const auto left = reductions(buckets_of(last_stage(pipeline_rank))); !left.empty()) {
    reduce = left.back().costs;
  }
  Block block;
  std::vector<std::size_t> after;
  for (const std::uint32_t cost : reduce) {
    block.operations.push_back(step_end_operation(cost, Lane::data_parallel, after));
    after = {block.operations.size() - 1};
  }
  block.operations.push_back(
      step_end_operation(price_optimizer(inputs_, pipeline_rank, table_), Lane::computation, after));
  const bool gathered = choice_.gathers_at_start || choice_.gathers_in_passes;
  const bool all_reduced = choice_.reduces_in_passes && inputs_.layout().zero == 0;
  if (gathered || all_reduced) return block;
  block.operations.push_back(step_end_operation(price_gather(inputs_, whole, table_), Lane::data_parallel,
                                                {block.operations.size() - 1}));
  return block;
}

}  // namespace moesim
