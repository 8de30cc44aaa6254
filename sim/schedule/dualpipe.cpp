#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "sim/schedule/pass_sequence.hpp"

namespace moesim {
namespace {

/// A stream of micro-batches as one rank sees it.
/// `near` enters the pipeline at the end that the rank is closer to, `far` at the other end.
enum class Stream { near, far };

/// Writes the passes of one rank and numbers the micro-batches of each stream as they come.
class DualPipeWriter {
 public:
  DualPipeWriter(int rank, int num_ranks, int num_microbatches)
      : in_second_half_(rank >= num_ranks / 2), microbatches_per_chunk_(num_microbatches / 2) {
    steps_.reserve(2 * static_cast<std::size_t>(num_microbatches));
  }

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
    return (stream == Stream::near) == in_second_half_ ? 1 : 0;
  }
  int take(std::array<int, 2>& next, int chunk) const {
    const auto c = static_cast<std::size_t>(chunk);
    return chunk * microbatches_per_chunk_ + next[c]++;
  }

  bool in_second_half_;
  int microbatches_per_chunk_;
  std::array<int, 2> forwards_{};
  std::array<int, 2> backwards_{};
  std::vector<std::size_t> deferred_;  ///< backwards that deferred their weights, in `steps_`
  std::size_t num_weights_ = 0;
  std::vector<PassStep> steps_;
};

/// Distances that shape the schedule of a rank.
struct Position {
  int to_end;       ///< ranks between this one and the nearer end of the pipeline
  int to_middle;    ///< ranks between this one and the nearer middle rank
  int main_rounds;  ///< rounds of the steady state, two passes each
};

Position position_of(int rank, int num_ranks, int num_microbatches) {
  const int to_end = std::min(rank, num_ranks - 1 - rank);
  return {.to_end = to_end,
          .to_middle = num_ranks / 2 - 1 - to_end,
          .main_rounds = num_microbatches / 2 - num_ranks + to_end + 1};
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

}  // namespace

std::vector<PassStep> dualpipe(int rank, int num_ranks, int num_microbatches) {
  DualPipeWriter out(rank, num_ranks, num_microbatches);
  const Position at = position_of(rank, num_ranks, num_microbatches);
  write_warmup(out, at);
  write_main(out, at);
  write_drain(out, at);
  return out.take_steps();
}

}  // namespace moesim
