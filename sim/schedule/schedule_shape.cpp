#include "sim/schedule/schedule_shape.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <limits>

#include "sim/schedule/schedule_table.hpp"

namespace moesim {
namespace {

/// Operations name a rank in 16 signed bits and a micro-batch in 16 unsigned ones.
constexpr int kMaxRanks = std::numeric_limits<std::int16_t>::max();
constexpr int kMaxMicrobatches = std::numeric_limits<std::uint16_t>::max();

}  // namespace

const ScheduleRow& row_of(ScheduleKind kind) {
  for (const ScheduleRow& row : kSchedules) {
    if (row.kind == kind) return row;
  }
  return kSchedules.front();
}

std::string_view to_string(ScheduleKind kind) {
  return row_of(kind).name;
}

int num_chunks(const ScheduleShape& shape) {
  const int own = row_of(shape.kind).chunks;
  return own > 0 ? own : shape.vpp;
}

int num_stages(const ScheduleShape& shape) {
  return shape.num_ranks * num_chunks(shape) / num_copies(shape.kind);
}

int num_copies(ScheduleKind kind) {
  return row_of(kind).mapping == StageMapping::mirror ? 2 : 1;
}

bool runs_pairs(ScheduleKind kind) {
  return row_of(kind).pairs;
}

bool takes_vpp(ScheduleKind kind) {
  return row_of(kind).chunks == 0;
}

int microbatches_per_chunk(const ScheduleShape& shape) {
  return shape.num_microbatches / num_copies(shape.kind);
}

int stage_of(const ScheduleShape& shape, int rank, int chunk) {
  if (chunk == 0) return rank;
  switch (row_of(shape.kind).mapping) {
    case StageMapping::loop:
      return chunk * shape.num_ranks + rank;
    case StageMapping::vee:
      return 2 * shape.num_ranks - 1 - rank;
    case StageMapping::mirror:
      return shape.num_ranks - 1 - rank;
  }
  return rank;
}

int chunk_of(const ScheduleShape& shape, int stage, int microbatch) {
  if (row_of(shape.kind).mapping == StageMapping::mirror) return microbatch / microbatches_per_chunk(shape);
  return stage / shape.num_ranks;
}

int rank_of(const ScheduleShape& shape, int stage, int microbatch) {
  const int chunk = chunk_of(shape, stage, microbatch);
  switch (row_of(shape.kind).mapping) {
    case StageMapping::loop:
      return stage % shape.num_ranks;
    case StageMapping::vee:
      return chunk == 0 ? stage : 2 * shape.num_ranks - 1 - stage;
    case StageMapping::mirror:
      return chunk == 0 ? stage : shape.num_ranks - 1 - stage;
  }
  return stage;
}

std::optional<std::string> vpp_violation(ScheduleKind kind, int vpp) {
  const ScheduleRow& row = row_of(kind);
  if (row.chunks == 1 && vpp != 1)
    return fmt::format("vpp {}, but {} has one stage on a rank", vpp, row.name);
  if (row.mapping == StageMapping::mirror && vpp != 1) {
    return fmt::format("vpp {}, but {} has one stage per direction on a rank", vpp, row.name);
  }
  if (row.mapping == StageMapping::vee && vpp != 1 && vpp != row.chunks) {
    return fmt::format("vpp {}, but {} has two stages on a rank, the V's", vpp, row.name);
  }
  if (kind == ScheduleKind::interleaved_1f1b && vpp < 2) {
    return fmt::format("vpp {}, but {} interleaves at least two stages of a rank", vpp, row.name);
  }
  return std::nullopt;
}

std::optional<std::string> violation(const ScheduleShape& shape) {
  if (shape.num_ranks < 1 || shape.num_ranks > kMaxRanks) {
    return fmt::format("a pipeline has 1 to {} ranks, got {}", kMaxRanks, shape.num_ranks);
  }
  if (shape.num_microbatches < 1 || shape.num_microbatches > kMaxMicrobatches) {
    return fmt::format("a step has 1 to {} micro-batches per pipeline, got {}", kMaxMicrobatches,
                       shape.num_microbatches);
  }
  if (auto forbidden = vpp_violation(shape.kind, shape.vpp)) return forbidden;
  return row_of(shape.kind).violation(shape);
}

}  // namespace moesim
