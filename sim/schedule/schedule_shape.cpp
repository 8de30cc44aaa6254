#include "sim/schedule/schedule_shape.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <limits>

namespace moesim {
namespace {

/// Operations name a rank in 16 signed bits and a micro-batch in 16 unsigned ones.
constexpr int kMaxRanks = std::numeric_limits<std::int16_t>::max();
constexpr int kMaxMicrobatches = std::numeric_limits<std::uint16_t>::max();

std::optional<std::string> dualpipe_violation(int num_ranks, int num_microbatches) {
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

}  // namespace

std::string_view to_string(ScheduleKind kind) {
  for (const auto& [row_kind, name] : kScheduleNames) {
    if (row_kind == kind) return name;
  }
  return "unknown";
}

int num_chunks(ScheduleKind kind) {
  return kind == ScheduleKind::dualpipe ? 2 : 1;
}

int microbatches_per_chunk(const ScheduleShape& shape) {
  return shape.num_microbatches / num_chunks(shape.kind);
}

int chunk_of(const ScheduleShape& shape, int microbatch) {
  return microbatch / microbatches_per_chunk(shape);
}

int stage_of(const ScheduleShape& shape, int rank, int chunk) {
  return chunk == 0 ? rank : shape.num_ranks - 1 - rank;
}

int rank_of(const ScheduleShape& shape, int stage, int chunk) {
  return chunk == 0 ? stage : shape.num_ranks - 1 - stage;
}

std::optional<std::string> violation(ScheduleKind kind, int num_ranks, int num_microbatches) {
  if (num_ranks < 1 || num_ranks > kMaxRanks) {
    return fmt::format("a pipeline has 1 to {} ranks, got {}", kMaxRanks, num_ranks);
  }
  if (num_microbatches < 1 || num_microbatches > kMaxMicrobatches) {
    return fmt::format("a step has 1 to {} micro-batches per pipeline, got {}", kMaxMicrobatches,
                       num_microbatches);
  }
  if (kind == ScheduleKind::dualpipe) return dualpipe_violation(num_ranks, num_microbatches);
  return std::nullopt;
}

}  // namespace moesim
