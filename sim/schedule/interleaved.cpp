#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "sim/schedule/schedule_table.hpp"

namespace moesim::schedules {
namespace {

/// The passes of a rank in Megatron-LM's order: PP micro-batches go through chunk 0, the same PP through
/// chunk 1, and so on, then the next PP. Backwards take the chunks from the last to the first.
class InterleavedOrder {
 public:
  explicit InterleavedOrder(const ScheduleShape& shape) : shape_(shape) {}

  /// Forwards of a rank, hence also backwards.
  [[nodiscard]] int num_passes() const { return shape_.num_microbatches * shape_.vpp; }

  [[nodiscard]] PassStep forward(int pass) const {
    return {.kind = PassKind::forward, .chunk_f = chunk(pass), .microbatch_f = microbatch(pass)};
  }
  [[nodiscard]] PassStep backward(int pass) const {
    return {.kind = PassKind::backward,
            .chunk_b = shape_.vpp - 1 - chunk(pass),
            .microbatch_b = microbatch(pass)};
  }
  [[nodiscard]] PassStep pair(int forward_pass, int backward_pass) const {
    PassStep step = backward(backward_pass);
    step.kind = PassKind::forward_backward;
    step.chunk_f = chunk(forward_pass);
    step.microbatch_f = microbatch(forward_pass);
    return step;
  }

 private:
  [[nodiscard]] int chunk(int pass) const { return pass / shape_.num_ranks % shape_.vpp; }
  [[nodiscard]] int microbatch(int pass) const {
    return pass / (shape_.num_ranks * shape_.vpp) * shape_.num_ranks + pass % shape_.num_ranks;
  }

  ScheduleShape shape_;
};

/// Forwards before the first backward: Megatron-LM's count. The round trip from a rank to the last one and
/// back takes 2 (PP - 1 - rank) passes.
int num_warmup(const ScheduleShape& shape, int rank) {
  return 2 * (shape.num_ranks - 1 - rank) + (shape.vpp - 1) * shape.num_ranks;
}

std::optional<std::string> group_violation(const ScheduleShape& shape) {
  if (shape.vpp == 1 || shape.num_microbatches % shape.num_ranks == 0) return std::nullopt;
  return fmt::format("{} moves micro-batches in groups of the {} pipeline ranks, got {}: {} or {} would do",
                     to_string(shape.kind), shape.num_ranks, shape.num_microbatches,
                     std::max(1, shape.num_microbatches / shape.num_ranks) * shape.num_ranks,
                     (shape.num_microbatches / shape.num_ranks + 1) * shape.num_ranks);
}

}  // namespace

std::optional<std::string> interleaved_violation(const ScheduleShape& shape) {
  if (shape.num_ranks < 2) {
    return fmt::format("{} needs at least 2 pipeline ranks, got {}", to_string(shape.kind), shape.num_ranks);
  }
  return group_violation(shape);
}

std::optional<std::string> overlap_violation(const ScheduleShape& shape) {
  if (shape.num_ranks < 2 && shape.vpp > 1) {
    return fmt::format("{} with vpp {} needs at least 2 pipeline ranks, got {}", to_string(shape.kind),
                       shape.vpp, shape.num_ranks);
  }
  return group_violation(shape);
}

std::vector<PassStep> interleaved_1f1b(const ScheduleShape& shape, int rank) {
  const InterleavedOrder order(shape);
  const int total = order.num_passes();
  const int warmup = std::min(num_warmup(shape, rank), total);
  std::vector<PassStep> steps;
  steps.reserve(2 * static_cast<std::size_t>(total));
  for (int i = 0; i < warmup; ++i) steps.push_back(order.forward(i));
  for (int i = warmup; i < total; ++i) {
    steps.push_back(order.forward(i));
    steps.push_back(order.backward(i - warmup));
  }
  for (int i = total - warmup; i < total; ++i) steps.push_back(order.backward(i));
  return steps;
}

/// Megatron-Core's order with --overlap-moe-expert-parallel-comm: one more warm-up forward than interleaved
/// 1F1B, so that a pair's halves belong to different micro-batches, whose transfers hide under each other's
/// computation. On one rank the micro-batches of gradient accumulation pair with their neighbours.
std::vector<PassStep> one_f_one_b_overlap(const ScheduleShape& shape, int rank) {
  const InterleavedOrder order(shape);
  const int total = order.num_passes();
  const int warmup = std::min(num_warmup(shape, rank) + 1, total);
  std::vector<PassStep> steps;
  steps.reserve(static_cast<std::size_t>(total) + static_cast<std::size_t>(warmup));
  for (int i = 0; i < warmup; ++i) steps.push_back(order.forward(i));
  for (int i = warmup; i < total; ++i) steps.push_back(order.pair(i, i - warmup));
  for (int i = total - warmup; i < total; ++i) steps.push_back(order.backward(i));
  return steps;
}

/// PP v (1 + (PP - 1) / (PP v)) on the first rank (Megatron-LM), two less on each next one.
int interleaved_activations(const ScheduleShape& shape, int rank) {
  return std::min(num_warmup(shape, rank) + 1, shape.num_microbatches * shape.vpp);
}

/// The same with the additional forward.
int overlap_activations(const ScheduleShape& shape, int rank) {
  return std::min(num_warmup(shape, rank) + 2, shape.num_microbatches * shape.vpp);
}

}  // namespace moesim::schedules
