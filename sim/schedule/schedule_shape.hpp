#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace moesim {

/// How micro-batches move through a pipeline.
enum class ScheduleKind : std::uint8_t {
  one_f_one_b,  ///< one forward, one backward; one stage per rank
  dualpipe,  ///< micro-batches from both ends, forwards overlapped with backwards (DeepSeek-V3 report, 3.2.1)
};
inline constexpr std::array<std::pair<ScheduleKind, std::string_view>, 2> kScheduleNames{
    {{ScheduleKind::one_f_one_b, "1f1b"}, {ScheduleKind::dualpipe, "dualpipe"}}};

/// A schedule may put at most this many stages on one rank.
inline constexpr int kMaxChunks = 2;

/// One column of a pipeline for one step. There are as many stages as ranks.
///
/// A rank holds `num_chunks` stages. Chunk 0 of rank r is stage r and serves micro-batches that enter at
/// rank 0. Chunk 1 (DualPipe only) of rank r is stage num_ranks - 1 - r and serves micro-batches that enter
/// at the last rank. Micro-batches 0 .. m/2-1 go through chunks 0 and m/2 .. m-1 through chunks 1.
struct ScheduleShape {
  ScheduleKind kind = ScheduleKind::one_f_one_b;
  int num_ranks = 1;         ///< pipeline ranks (PP), >= 1
  int num_microbatches = 1;  ///< of the column in one step, both directions together, >= 1
};

/// "1f1b", "dualpipe".
std::string_view to_string(ScheduleKind kind);

/// Stages held by each rank, hence also copies of every stage's parameters: 1 for 1F1B, 2 for DualPipe.
int num_chunks(ScheduleKind kind);

/// Micro-batches that pass through one chunk of a rank.
int microbatches_per_chunk(const ScheduleShape& shape);

/// The chunk that `microbatch` passes through on every rank.
int chunk_of(const ScheduleShape& shape, int microbatch);

/// The stage that chunk `chunk` of `rank` is.
int stage_of(const ScheduleShape& shape, int rank, int chunk);

/// The rank that holds `stage` as its chunk `chunk`.
int rank_of(const ScheduleShape& shape, int stage, int chunk);

/// What forbids the schedule for this pipeline, in words with the numbers and what would do; nullopt when it
/// is allowed. 1F1B: at least one micro-batch. DualPipe: an even number of ranks and an even number of
/// micro-batches, at least two per rank of the pipeline.
std::optional<std::string> violation(ScheduleKind kind, int num_ranks, int num_microbatches);

}  // namespace moesim
