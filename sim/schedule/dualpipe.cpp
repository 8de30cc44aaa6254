#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "sim/schedule/schedule_table.hpp"

namespace moesim::schedules {
namespace {

/// A stream of forwards and backwards as one rank sees it.
/// DualPipe: `near` enters the pipeline at the end that the rank is closer to, `far` at the other end.
/// DualPipeV: `near` goes down the V, `far` up again.
enum class Stream { near, far };

/// Writes the passes of one rank and numbers the micro-batches of each stream as they come.
class DualPipeWriter {
 public:
  /// Chunk of the stream `near`, and the first micro-batch of each chunk.
  DualPipeWriter(int near_chunk, std::array<int, 2> first) : near_chunk_(near_chunk), first_(first) {}

  void forward(Stream stream) {
    const int chunk = chunk_of(stream);
    steps_.push_back({.kind = PassKind::forward, .chunk_f = chunk, .microbatch_f = take(forwards_, chunk)});
  }

  void backward(Stream stream, bool defers_weight = false) {
    const int chunk = chunk_of(stream);
    steps_.push_back({.kind = PassKind::backward,
                      .chunk_b = chunk,
                      .microbatch_b = take(backwards_, chunk),
                      .defers_weight = defers_weight});
    if (defers_weight) deferred_.push_back(steps_.size() - 1);
  }

  /// The weight half of the oldest backward that deferred it.
  void weight() {
    const PassStep& deferring = steps_[deferred_[num_weights_++]];
    steps_.push_back(
        {.kind = PassKind::weight, .chunk_b = deferring.chunk_b, .microbatch_b = deferring.microbatch_b});
  }

  void forward_backward(Stream forward_stream, Stream backward_stream) {
    const int chunk_f = chunk_of(forward_stream);
    const int chunk_b = chunk_of(backward_stream);
    steps_.push_back({.kind = PassKind::forward_backward,
                      .chunk_f = chunk_f,
                      .microbatch_f = take(forwards_, chunk_f),
                      .chunk_b = chunk_b,
                      .microbatch_b = take(backwards_, chunk_b)});
  }

  std::vector<PassStep> take_steps() { return std::move(steps_); }

 private:
  [[nodiscard]] int chunk_of(Stream stream) const {
    return stream == Stream::near ? near_chunk_ : 1 - near_chunk_;
  }
  int take(std::array<int, 2>& next, int chunk) const {
    const auto c = static_cast<std::size_t>(chunk);
    return first_[c] + next[c]++;
  }

  int near_chunk_;
  std::array<int, 2> first_;
  std::array<int, 2> forwards_{};
  std::array<int, 2> backwards_{};
  std::vector<std::size_t> deferred_;  ///< backwards that deferred their weights, in `steps_`
  std::size_t num_weights_ = 0;
  std::vector<PassStep> steps_;
};

/// Distances that shape the schedule of a rank.
struct Position {
  int to_end;       ///< ranks between this one and the nearer end of the pipeline, or the V's open end
  int to_middle;    ///< ranks between this one and the nearer middle rank, or the turn of the V
  int main_rounds;  ///< rounds of the steady state, two passes each
};

/// `half` ranks between an end and the middle, `microbatches` of each stream.
Position position_of(int to_end, int half, int microbatches) {
  return {
      .to_end = to_end, .to_middle = half - 1 - to_end, .main_rounds = microbatches - 2 * half + to_end + 1};
}

/// Steps 1 to 3: fill the pipeline from both ends.
void write_warmup(DualPipeWriter& out, const Position& at) {
  for (int i = 0; i < 2 * at.to_middle; ++i) out.forward(Stream::near);
  for (int i = 0; i <= at.to_end; ++i) {
    out.forward(Stream::near);
    out.forward(Stream::far);
  }
  for (int i = 0; i < at.to_middle; ++i) {
    out.backward(Stream::far, /*defers_weight=*/true);
    out.weight();
    out.forward(Stream::far);
  }
}

/// Step 4: a forward of each stream overlapped with a backward of the other one. The middle ranks begin
/// unpaired: their first backward depends on the forward that the neighbour runs at the same time.
void write_main(DualPipeWriter& out, const Position& at) {
  for (int i = 0; i < at.main_rounds; ++i) {
    if (i == 0 && at.to_middle == 0) {
      out.forward(Stream::near);
      out.backward(Stream::far);
    } else {
      out.forward_backward(Stream::near, Stream::far);
    }
    out.forward_backward(Stream::far, Stream::near);
  }
}

/// Steps 5 to 8: drain. The second half of the backwards of step 6 and all of step 7 leave their weights for
/// the gaps that follow.
void write_drain(DualPipeWriter& out, const Position& at) {
  for (int i = 0; i < at.to_middle; ++i) {
    out.backward(Stream::far);
    out.forward_backward(Stream::far, Stream::near);
  }
  const int half = at.to_end + 1;
  for (int i = 0; i < 2 * half; ++i) {
    out.backward(i % 2 == 0 ? Stream::far : Stream::near, /*defers_weight=*/i >= half);
  }
  for (int i = 0; i < at.to_middle; ++i) {
    out.weight();
    out.backward(Stream::near, /*defers_weight=*/true);
  }
  for (int i = 0; i < half; ++i) out.weight();
}

std::vector<PassStep> write(DualPipeWriter out, const Position& at) {
  write_warmup(out, at);
  write_main(out, at);
  write_drain(out, at);
  return out.take_steps();
}

/// Stages that a micro-batch meets from an end of the pipeline to the middle.
int half_of(const ScheduleShape& shape) {
  return num_stages(shape) / 2;
}

}  // namespace

std::optional<std::string> dualpipe_violation(const ScheduleShape& shape) {
  const int num_ranks = shape.num_ranks;
  const int num_microbatches = shape.num_microbatches;
  if (num_ranks % 2 != 0) {
    return fmt::format("dualpipe needs an even number of pipeline ranks, got {}", num_ranks);
  }
  if (num_microbatches % 2 != 0) {
    return fmt::format("dualpipe needs an even number of micro-batches, half for each direction, got {}",
                       num_microbatches);
  }
  if (num_microbatches < 2 * num_ranks) {
    return fmt::format("dualpipe needs at least 2 micro-batches per pipeline rank: {} for {} ranks, got {}",
                       2 * num_ranks, num_ranks, num_microbatches);
  }
  return std::nullopt;
}

std::optional<std::string> dualpipev_violation(const ScheduleShape& shape) {
  if (shape.num_microbatches >= 2 * shape.num_ranks) return std::nullopt;
  return fmt::format("dualpipev needs at least 2 micro-batches per pipeline rank: {} for {} ranks, got {}",
                     2 * shape.num_ranks, shape.num_ranks, shape.num_microbatches);
}

/// The eight steps of the published schedule (deepseek-ai/DualPipe).
std::vector<PassStep> dualpipe(const ScheduleShape& shape, int rank) {
  const bool in_second_half = rank >= shape.num_ranks / 2;
  const int per_stream = shape.num_microbatches / 2;
  const int to_end = std::min(rank, shape.num_ranks - 1 - rank);
  return write(DualPipeWriter(in_second_half ? 1 : 0, {0, per_stream}),
               position_of(to_end, half_of(shape), per_stream));
}

/// The same eight steps on one half of the ranks, each with its mirror image's stage as chunk 1 (DualPipeV in
/// deepseek-ai/DualPipe): every micro-batch goes down chunks 0 and up chunks 1.
std::vector<PassStep> dualpipev(const ScheduleShape& shape, int rank) {
  return write(DualPipeWriter(0, {0, 0}), position_of(rank, half_of(shape), shape.num_microbatches));
}

/// (PP/2 - 1)(F&B + B - 3W) for PP stages: DeepSeek-V3 report, Table 2, and for DualPipeV the readme of
/// deepseek-ai/DualPipe. It holds where a forward takes as long as a backward of inputs; ranks towards the
/// end run fewer pairs, so where a pair is shorter than its halves they idle less.
std::optional<double> dualpipe_bubble_s(const ScheduleShape& shape, const PassTimes& times) {
  if (times.forward != times.backward_input()) return std::nullopt;
  return (half_of(shape) - 1) * (times.forward_backward + times.backward - 3 * times.weight);
}

/// PP + 1 for PP stages, on every rank: DeepSeek-V3 report, Table 2.
int dualpipe_activations(const ScheduleShape& shape, int /*rank*/) {
  return num_stages(shape) + 1;
}

}  // namespace moesim::schedules
