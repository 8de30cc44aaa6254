#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moesim {

/// How micro-batches move through a pipeline.
enum class ScheduleKind : std::uint8_t {
  one_f_one_b,          ///< one forward, one backward
  gpipe,                ///< all forwards, then all backwards (arXiv 1811.06965)
  interleaved_1f1b,     ///< 1F1B over `vpp` stages of each rank (arXiv 2104.04473)
  one_f_one_b_overlap,  ///< (interleaved) 1F1B whose forwards and backwards run as overlapped pairs
  zb1p,                 ///< 1F1B with delayed weight gradients: ZB-H1 of arXiv 2401.10241
  zbv,                  ///< zero bubble, stages in a V: ZB-V of arXiv 2405.15362
  dualpipe,  ///< micro-batches from both ends, forwards overlapped with backwards (DeepSeek-V3 report, 3.2.1)
  dualpipev,  ///< DualPipe cut in half, stages in a V (deepseek-ai/DualPipe)
};

/// Which stages a pipeline rank holds.
enum class StageMapping : std::uint8_t {
  loop,   ///< stage chunk x PP + rank
  vee,    ///< rank, and 2 PP - 1 - rank: down the ranks and up again
  mirror  ///< rank, and PP - 1 - rank: every stage is on two ranks, one for each direction
};

/// One column of a pipeline for one step.
///
/// A rank holds num_chunks() stages, one per chunk. Under StageMapping::mirror chunk 0 serves micro-batches
/// 0 .. m/2-1, which enter at rank 0, and chunk 1 micro-batches m/2 .. m-1, which enter at the last rank;
/// otherwise every micro-batch passes through all chunks of all ranks.
struct ScheduleShape {
  ScheduleKind kind = ScheduleKind::one_f_one_b;
  int num_ranks = 1;         ///< pipeline ranks (PP), >= 1
  int num_microbatches = 1;  ///< of the column in one step, both directions together, >= 1
  int vpp = 1;               ///< stages of a rank, where the schedule leaves the choice; else 1
};

/// "1f1b", "gpipe", ...
std::string_view to_string(ScheduleKind kind);

/// Stages held by each rank.
int num_chunks(const ScheduleShape& shape);

/// Stages that a micro-batch passes through.
int num_stages(const ScheduleShape& shape);

/// Ranks that hold the same stage, hence copies of its parameters: 2 for DualPipe, else 1.
int num_copies(ScheduleKind kind);

/// Whether the schedule runs overlapped pairs of a forward and a backward.
bool runs_pairs(ScheduleKind kind);

/// Whether `vpp` above 1 means anything to the schedule.
bool takes_vpp(ScheduleKind kind);

/// Micro-batches that pass through one chunk of a rank.
int microbatches_per_chunk(const ScheduleShape& shape);

/// The stage that chunk `chunk` of `rank` is.
int stage_of(const ScheduleShape& shape, int rank, int chunk);

/// The rank and the chunk on it where `microbatch` passes through `stage`.
int rank_of(const ScheduleShape& shape, int stage, int microbatch);
int chunk_of(const ScheduleShape& shape, int stage, int microbatch);

/// What forbids `vpp`, in words: a schedule with chunks of its own, or one that needs several.
std::optional<std::string> vpp_violation(ScheduleKind kind, int vpp);

/// What forbids the schedule for this pipeline, in words with the numbers and what would do; nullopt when it
/// is allowed. vpp_violation() comes first.
std::optional<std::string> violation(const ScheduleShape& shape);

}  // namespace moesim
