#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "sim/schedule/schedule_table.hpp"

namespace moesim::schedules {
namespace {

/// Writes the passes of one rank. Chunk 0 goes down the ranks, chunk 1 up again.
class ZbvWriter {
 public:
  /// Micro-batches from `num_microbatches` on do not exist: their passes are left out.
  explicit ZbvWriter(int num_microbatches) : num_microbatches_(num_microbatches) {
    steps_.reserve(6 * static_cast<std::size_t>(num_microbatches));
  }

  void forward(int chunk) {
    add({.kind = PassKind::forward, .chunk_f = chunk, .microbatch_f = next(forwards_, chunk)});
  }
  void backward_input(int chunk) {
    add({.kind = PassKind::backward,
         .chunk_b = chunk,
         .microbatch_b = next(backwards_, chunk),
         .defers_weight = true});
  }
  void weight(int chunk) {
    add({.kind = PassKind::weight, .chunk_b = chunk, .microbatch_b = next(weights_, chunk)});
  }
  void backward_and_weight(int chunk) {
    backward_input(chunk);
    weight(chunk);
  }

  [[nodiscard]] int num_forwards(int chunk) const { return forwards_[static_cast<std::size_t>(chunk)]; }
  [[nodiscard]] bool has_weight_due(int chunk) const {
    const auto c = static_cast<std::size_t>(chunk);
    return weights_[c] < backwards_[c];
  }

  std::vector<PassStep> take_steps() { return std::move(steps_); }

 private:
  static int next(std::array<int, 2>& count, int chunk) { return count[static_cast<std::size_t>(chunk)]++; }
  void add(const PassStep& step) {
    if (std::max(step.microbatch_f, step.microbatch_b) < num_microbatches_) steps_.push_back(step);
  }

  int num_microbatches_;
  std::array<int, 2> forwards_{};
  std::array<int, 2> backwards_{};
  std::array<int, 2> weights_{};
  std::vector<PassStep> steps_;
};

/// Micro-batches that fill the V; with fewer the schedule is that of so many, cut.
int filling_microbatches(const ScheduleShape& shape) {
  return 2 * shape.num_ranks - 1;
}

void write_warmup(ZbvWriter& out, int rank, int num_ranks) {
  for (int i = 0; i < 2 * (num_ranks - rank) - 1; ++i) out.forward(0);
  for (int i = 0; i < rank; ++i) {
    out.forward(1);
    out.forward(0);
  }
  for (int i = 0; i < num_ranks - rank; ++i) {
    out.forward(1);
    out.backward_and_weight(1);
  }
}

/// Backwards of inputs first, so that the ranks below get their gradients; weights fill what would be idle.
void write_drain(ZbvWriter& out, int rank, int num_ranks) {
  for (int i = 0; i < rank; ++i) {
    out.backward_input(0);
    out.backward_input(1);
  }
  for (int i = 0; i < num_ranks - rank; ++i) {
    out.backward_input(0);
    out.weight(0);
  }
  for (const int chunk : {1, 0}) {
    while (out.has_weight_due(chunk)) out.weight(chunk);
  }
}

}  // namespace

/// ZB-V (arXiv 2405.15362): one forward, backward of inputs and weight pass of each chunk in turn. Passes of
/// equal length leave no rank idle between its first and its last.
std::vector<PassStep> zbv(const ScheduleShape& shape, int rank) {
  const int count = std::max(filling_microbatches(shape), shape.num_microbatches);
  ZbvWriter out(shape.num_microbatches);
  write_warmup(out, rank, shape.num_ranks);
  while (out.num_forwards(1) < out.num_forwards(0) || out.num_forwards(0) < count) {
    if (out.num_forwards(0) < count) out.forward(0);
    out.backward_and_weight(0);
    out.forward(1);
    out.backward_and_weight(1);
  }
  write_drain(out, rank, shape.num_ranks);
  return out.take_steps();
}

/// No rank idles between its first and its last pass when F, B and W are alike (arXiv 2405.15362, section
/// 3); rank r begins r forwards after the first rank, so the last rank's shift is what the step is longer.
/// Other times have no closed form.
std::optional<double> zbv_bubble_s(const ScheduleShape& shape, const PassTimes& times) {
  const bool alike = times.forward == times.weight && times.backward_input() == times.weight;
  if (!alike || shape.num_microbatches < filling_microbatches(shape)) return std::nullopt;
  return (shape.num_ranks - 1) * times.forward;
}

/// PP micro-batches of a rank's two stages: 1F1B's memory.
int zbv_activations(const ScheduleShape& shape, int /*rank*/) {
  return std::min(2 * shape.num_ranks, 2 * shape.num_microbatches);
}

}  // namespace moesim::schedules
