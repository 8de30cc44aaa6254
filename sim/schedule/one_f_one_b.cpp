#include <algorithm>
#include <cstddef>

#include "sim/schedule/pass_sequence.hpp"

namespace moesim {

std::vector<PassStep> one_f_one_b(int rank, int num_ranks, int num_microbatches) {
  std::vector<PassStep> steps;
  steps.reserve(2 * static_cast<std::size_t>(num_microbatches));
  const auto forward = [&](int microbatch) {
    steps.push_back({.kind = PassKind::forward, .chunk_f = 0, .microbatch_f = microbatch});
  };
  const auto backward = [&](int microbatch) {
    steps.push_back({.kind = PassKind::backward, .chunk_b = 0, .microbatch_b = microbatch});
  };
  const int num_warmup = std::min(num_ranks - 1 - rank, num_microbatches);
  for (int i = 0; i < num_warmup; ++i) forward(i);
  for (int i = num_warmup; i < num_microbatches; ++i) {
    forward(i);
    backward(i - num_warmup);
  }
  for (int i = num_microbatches - num_warmup; i < num_microbatches; ++i) backward(i);
  return steps;
}

}  // namespace moesim
